// Planga is chat for a website's existing users: one binary that serves the chat, the script that pages load, and a
// dashboard for the site's developers. This file is the shape of the whole: what is opened, in which order, and how it
// ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"planga/bus"
	"planga/bus/memory"
	"planga/chat"
	"planga/chat/api"
	"planga/chat/live"
	"planga/chat/phoenix"
	"planga/dashboard"
	"planga/store/files"
	"planga/store/sqlite"
	"planga/ui/cli"
	"planga/ui/demo"
	"planga/ui/docs"
	"planga/ui/front"
	"planga/ui/widget"
)

// version is set by the release build.
var version = "dev"

func main() {
	// A log or a terminal that goes away must not take the server with it.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "planga:", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "planga", Short: "Chat for your website's existing users", Version: version,
		SilenceUsage: true, SilenceErrors: true, PersistentPreRunE: cli.FromEnvironment,
	}
	root.AddCommand(serveCommand(), demoCommand(), cli.Account(openApps), cli.App(openApps), cli.Key(openApps), cli.Token(openApps), cli.Bench(openApps),
		cli.Healthcheck(), &cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "planga", version) },
		})
	return root
}

// settings are the flags of `serve`; each may also come from PLANGA_<NAME> or a file named by PLANGA_<NAME>_FILE.
type settings struct {
	data, listen, url, metricsToken, logLevel, pprof string
	trustedProxies                                   []string
	postRate                                         float64
}

func serveCommand() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve chat and dashboard", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), s) },
	}
	f := cmd.Flags()
	f.StringVar(&s.data, "data", cli.DefaultData, "the directory that holds everything the server keeps")
	f.StringVar(&s.listen, "listen", cli.DefaultListen, "the address to listen on; :8080 for all of this machine's addresses")
	f.StringVar(&s.url, "url", "", "how browsers reach this server, such as https://chat.example.com (default http:// and the listen address)")
	f.StringSliceVar(&s.trustedProxies, "trusted-proxy", nil, "a reverse proxy whose X-Forwarded-For is believed: an address or range")
	f.StringVar(&s.metricsToken, "metrics-token", "", "a bearer token that may read /metrics from elsewhere")
	f.Float64Var(&s.postRate, "post-rate", 10, "messages per second that one user may post, with a burst of three seconds' worth")
	f.StringVar(&s.pprof, "pprof", "", "a loopback address on which to serve Go's profiles, such as 127.0.0.1:6060")
	f.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
	return cmd
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, s settings) error {
	p, err := open(ctx, s)
	if err != nil {
		return err
	}
	link, offered, err := p.dashboard.SetupURL(ctx)
	switch {
	case err != nil:
		return errors.Join(err, p.close())
	case offered:
		fmt.Printf("\nPlanga is running. Make the first account here; the link works once, for a day:\n\n  %s\n\n", link)
	default:
		fmt.Printf("\nPlanga is running. Dashboard: %s\n\n", p.url)
	}
	return p.run(ctx)
}

// program is a whole server: everything that is opened in order and closed in reverse.
type program struct {
	url       string
	node      string
	log       *slog.Logger
	closers   []func() error
	bus       *memory.Bus
	kept      *sqlite.Chat
	directory *chat.Directory
	service   *chat.Service
	counted   *chat.Collector
	uploads   *chat.Uploads
	carrier   live.Carrier
	endpoint  *phoenix.Endpoint
	dashboard *dashboard.Dashboard
	health    front.Health
	metrics   *prometheus.Registry
	mux       *http.ServeMux
	listener  net.Listener
	http      *http.Server
}

// open takes the data directory and the listening address, and builds the program around them.
func open(ctx context.Context, s settings) (_ *program, err error) {
	p := &program{node: uuid.NewString(), metrics: prometheus.NewRegistry(), mux: http.NewServeMux()}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.log, err = front.NewLog(os.Stderr, s.logLevel); err != nil {
		return nil, err
	}
	proxies, err := front.ParseProxies(s.trustedProxies)
	if err != nil {
		return nil, err
	}
	if err := p.listen(s); err != nil {
		return nil, err
	}
	if s.pprof != "" {
		end, err := front.Profile(s.pprof, p.log)
		if err != nil {
			return nil, err
		}
		p.closeLater(end)
	}
	kept, err := p.openStores(s.data)
	if err != nil {
		return nil, err
	}
	if err := p.openChat(ctx, s); err != nil {
		return nil, err
	}
	p.dashboard, err = dashboard.New(dashboard.Options{
		Store: kept, Bus: p.bus, URL: p.url, Logger: p.log, ClientIP: front.RemoteAddr,
	})
	if err != nil {
		return nil, err
	}
	p.health.Check = func() error { return errors.Join(p.kept.Healthy(), kept.Healthy()) }
	p.routes(s)
	p.http = front.Server(proxies.Handler(p.mux), p.log)
	return p, nil
}

// listen binds first, so that a second server on the address fails before it touches any data.
func (p *program) listen(s settings) error {
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %q: %w; choose another with --listen, such as 127.0.0.1:8090", s.listen, err)
	}
	p.listener = listener
	p.closeLater(func() error { return ignoreClosed(listener.Close()) })
	p.url = s.url
	if p.url == "" {
		p.url = "http://" + cli.Loopback(listener.Addr().String())
	}
	return nil
}

func (p *program) openStores(data string) (*sqlite.Dashboard, error) {
	lock, err := sqlite.Lock(data)
	if err != nil {
		return nil, err
	}
	p.closeLater(lock.Unlock)
	if p.kept, err = sqlite.OpenChat(data); err != nil {
		return nil, err
	}
	p.closeLater(p.kept.Close)
	kept, err := sqlite.OpenDashboard(data)
	if err != nil {
		return nil, err
	}
	p.closeLater(kept.Close)
	return kept, nil
}

func (p *program) openChat(ctx context.Context, s settings) error {
	p.bus = memory.New()
	p.closeLater(p.bus.Close)
	p.carrier = live.Carrier{Bus: p.bus}
	p.directory = chat.NewDirectory(p.kept)
	if err := p.directory.Load(ctx); err != nil {
		return fmt.Errorf("load the apps: %w", err)
	}
	p.counted = chat.NewCollector(p.node, time.Now)
	if err := p.openFiles(s.data); err != nil {
		return err
	}
	p.service = &chat.Service{
		Conversations: p.kept, Publisher: p.carrier, Apps: p.directory, Statistics: p.counted, Uploads: p.uploads,
		Now: time.Now, Log: p.log,
	}
	metrics := live.NewMetrics()
	server, err := live.Open(live.Options{
		Service: p.service, Gate: p.directory, Bus: p.bus, Node: p.node, URL: p.url, Metrics: metrics, Log: p.log, Now: time.Now,
		Limits: live.Limits{Posts: s.postRate, PostBurst: int(3 * s.postRate)},
	})
	if err != nil {
		return err
	}
	p.closeLater(server.Close)
	p.endpoint = phoenix.New(server, phoenix.Options{Logger: p.log, RemoteAddr: front.RemoteAddr})
	p.metrics.MustRegister(metrics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return nil
}

// openFiles opens the folder of visitors' files. Their addresses are signed with a key made of the master key.
func (p *program) openFiles(data string) error {
	folder, err := files.Open(filepath.Join(data, "files"), files.Reserve)
	if err != nil {
		return err
	}
	p.closeLater(folder.Close)
	key, err := sqlite.DerivedKey(data, "file addresses")
	if err != nil {
		return err
	}
	p.uploads = &chat.Uploads{Files: p.kept, Contents: folder, Apps: p.directory, Key: key, Now: time.Now, Log: p.log}
	return nil
}

// routes says who answers what.
func (p *program) routes(s settings) {
	p.endpoint.Register(p.mux, "/socket")
	p.mux.Handle("/api/v1", api.Handler2018(p.directory, p.service))
	api.FilesOf(p.directory, p.service, p.url).Register(p.mux)
	for _, path := range widget.Paths() {
		p.mux.Handle(path, widget.Handler())
	}
	p.mux.Handle("/docs/", docs.Handler())
	p.mux.HandleFunc("GET /healthz", p.health.Live)
	p.mux.HandleFunc("GET /readyz", p.health.Ready)
	p.mux.Handle("GET /metrics", front.Metrics(p.metrics, s.metricsToken))
	p.mux.Handle("/", p.dashboard.Handler())
}

// run serves until ctx ends, then stops in reverse: no new visitors, open sockets sent away to come back, running requests
// finished, what was counted told, and last the stores.
func (p *program) run(ctx context.Context) error {
	var errands sync.WaitGroup
	background, stopErrands := context.WithCancel(context.WithoutCancel(ctx))
	p.startErrands(background, &errands)
	failed := make(chan error, 1)
	go func() { failed <- p.http.Serve(p.listener) }()
	p.log.Info("serving", "url", p.url, "listen", p.listener.Addr().String(), "version", version)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	p.log.Info("stopping")
	p.health.Drain()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	drained := p.endpoint.Drain(ending)
	shut := p.http.Shutdown(ending)
	stopErrands()
	errands.Wait()
	return errors.Join(ignoreClosed(err), drained, shut, p.close())
}

// startErrands starts what goes on beside the requests.
func (p *program) startErrands(ctx context.Context, errands *sync.WaitGroup) {
	errands.Go(func() {
		if err := bus.LearnApps(ctx, p.bus, p.node, p.directory.Apply, p.log); err != nil {
			p.log.Error("apps cannot be learned", "error", err)
		}
	})
	errands.Go(func() {
		if err := p.dashboard.Run(ctx); err != nil {
			p.log.Error("the dashboard does not hear the chat", "error", err)
		}
	})
	errands.Go(func() { p.uploads.Run(ctx, time.Hour) })
	errands.Go(func() { front.GiveBack(ctx) })
	errands.Go(func() { chat.RelayOutbox(ctx, p.kept, p.carrier, p.log) })
	errands.Go(func() { p.counted.Run(ctx, 10*time.Second, p.carrier, p.log) })
}

// closeLater remembers what to close; the last opened is closed first.
func (p *program) closeLater(closer func() error) { p.closers = append(p.closers, closer) }

func (p *program) close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	p.closers = nil
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// openApps opens the dashboard's data for the operator's commands, beside a running server.
func openApps(dir string) (dashboard.Apps, func() error, error) {
	kept, err := sqlite.OpenDashboard(dir)
	if err != nil {
		return nil, nil, err
	}
	return kept, kept.Close, nil
}

func demoCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use: "demo", Short: "Show two people chatting, on this machine, with data that is thrown away", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), listen) },
	}
	cmd.Flags().StringVar(&listen, "listen", cli.DefaultListen, "a loopback address; the next free port if this one is in use")
	return cmd
}

// runDemo serves a page with two people until ctx ends, and removes what it kept.
func runDemo(ctx context.Context, listen string) error {
	data, err := os.MkdirTemp("", "planga-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer os.RemoveAll(data)
	listen, err = demo.FreeAddress(listen)
	if err != nil {
		return err
	}
	p, err := open(ctx, settings{data: data, listen: listen, postRate: 100, logLevel: "warn"})
	if err != nil {
		return err
	}
	stage := demo.Stage{Register: p.dashboard.Register(), Directory: p.directory, Service: p.service, URL: p.url}
	if err := stage.Build(ctx); err != nil {
		return errors.Join(err, p.close())
	}
	p.mux.Handle("/demo/", demo.Handler(stage.Token))
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		if err := stage.Play(running, os.Stdout); err != nil {
			stop(err)
		}
	}()
	err = p.run(running)
	if cause := context.Cause(running); err == nil && ctx.Err() == nil {
		return cause
	}
	return err
}
