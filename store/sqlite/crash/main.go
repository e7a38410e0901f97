// Command crash shows that an acknowledged message survives kill -9. It starts a child that posts from many goroutines and tells
// of every acknowledgement; it kills the child at a random moment, opens the data itself, and checks that every acknowledged
// message is there exactly once, in its place, and that seq and rev have no gaps. Then the next child goes on with the
// same data, first repeating what was last acknowledged.
//
//	go run ./store/sqlite/crash -kills 100
//
// What it does not show: that a message survives the loss of power, which kill -9 does not imitate.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("crash", flag.ContinueOnError)
	kills := flags.Int("kills", 100, "how often the child is killed")
	dir := flags.String("data", "", "the data directory (default: a new one below the temporary directory)")
	child := flags.Bool("child", false, "be the child")
	from := flags.String("from", "", "the child's first number of each sender, separated by commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *child {
		return post(*dir, strings.Split(*from, ","), os.Stdout)
	}
	if *dir == "" {
		temporary, err := os.MkdirTemp("", "planga-crash-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		*dir = temporary
	}
	if *kills < 1 {
		return errors.New("there must be at least one kill")
	}
	total, err := killAgainAndAgain(*dir, *kills)
	if err == nil {
		fmt.Printf("%d kills, %d acknowledged messages: each is there once, in order, without gaps.\n", *kills, total)
	}
	return err
}
