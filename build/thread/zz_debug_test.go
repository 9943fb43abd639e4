package thread
import ("testing";"fmt";"time";"syscall";"github.com/chromedp/chromedp")
func TestDebugPage(t *testing.T) {
	s := open(t)
	p := openPage(t, s)
	time.Sleep(4*time.Second)
	b := stateOf(t, s.Ambulance)
	syscall.Kill(s.Ambulance.PID(), syscall.SIGSTOP)
	syscall.Kill(b.Live, syscall.SIGKILL)
	time.Sleep(5*time.Second)
	syscall.Kill(s.Ambulance.PID(), syscall.SIGCONT)
	for i:=0;i<4;i++ {
	time.Sleep(3*time.Second)
	for _, js := range []string{`document.getElementById("board").innerHTML.replace(/<figure.*figure>/,"FIG").slice(0,1500)`, `JSON.stringify(window.fieldkit.shown())`} {
		v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](js))
		fmt.Println(js[:10], "=>", v, err)
	}
	fmt.Println(stateOf(t, s.Ambulance).Link, stateOf(t, s.Ambulance).Live)
	}
}
