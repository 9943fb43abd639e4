# Sourced by build/run and build/test: makes sure that what they need is there.
# need PROGRAM PACKAGE...: says plainly what is missing and installs it on Debian
# and Ubuntu, with sudo where needed; elsewhere prints the command and ends.

wanted=()

need() {
	local program=$1
	shift
	command -v "$program" >/dev/null 2>&1 || wanted+=("$@")
}

install_wanted() {
	[ ${#wanted[@]} -eq 0 ] && return 0
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "Missing: ${wanted[*]} (Debian's names). Install them with your system's package manager and start again." >&2
		exit 1
	fi
	echo "Missing, and installed now with apt-get: ${wanted[*]}"
	if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 ||
		{ "${as_root[@]}" apt-get update >/dev/null && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}" >/dev/null; }; }; then
		echo "That did not work. Run this yourself and start again:" >&2
		echo "  ${as_root[*]} apt-get update && ${as_root[*]} apt-get install ${wanted[*]}" >&2
		exit 1
	fi
}

# need_window: what the window is built with.
need_window() {
	need gcc gcc libc6-dev
	need pkg-config pkg-config
	local library
	for library in gl x11 xcursor xrandr xinerama xi xxf86vm wayland-client xkbcommon; do
		pkg-config --exists "$library" 2>/dev/null || {
			wanted+=(pkg-config libgl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev)
			break
		}
	done
}

need_go() {
	if ! command -v go >/dev/null 2>&1; then
		[ -x /usr/local/go/bin/go ] && PATH=/usr/local/go/bin:$PATH
	fi
	if ! command -v go >/dev/null 2>&1; then
		echo "Go 1.26 or later is missing. Install it from your system's packages or from go.dev, and start again." >&2
		exit 1
	fi
	local version
	version=$(GOTOOLCHAIN=local go env GOVERSION)
	case $version in
	go1.2[6-9]* | go1.[3-9][0-9]* | go[2-9]* | devel*) ;;
	*)
		echo "This needs Go 1.26 or later; here is $version." >&2
		exit 1
		;;
	esac
}
