// Package dashboard is the side of Planga that a site's developers see: accounts and sessions, apps and their keys,
// installing, and what happens in the chat. It talks with the chat only over the bus: it publishes what the apps are,
// and listens to statistics and outgoing events.
//
//	register := dashboard.NewRegister(store, time.Now)
//	d, err := dashboard.New(dashboard.Options{Store: store, Bus: carrier, URL: address, …})
//	go d.Run(ctx)
//	mux.Handle("/", d.Handler())
//
// [Register] holds the deeds without any page, for the operator's commands. They may work on the database while a server
// runs: [Dashboard.Run] notices within half a second, and tells the chat.
//
// It promises nothing about people with the same account in two places: the last one to save wins. Everybody with an
// account may see and change every app of the server.
package dashboard
