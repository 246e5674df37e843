package center

import "net/http"

// consoleRoutes adds the console's pages.
func (s *Server) consoleRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("益栈县中心正在运行\nThis is a Yizhan center, and it is running.\n"))
	})
}
