// Command cache serves Go's build cache out of two folders: what is new goes into the first, which is the run's
// own; what is in neither is built; what the second holds is read there and never written.
//
//	cache own shared
//
// It speaks the protocol of GOCACHEPROG over its standard input and output, and both folders are laid out as Go
// itself lays out a cache, so that a folder filled by Go serves as the second.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// request is what the go command asks for; the body of a put follows on a line of its own.
type request struct {
	ID       int64
	Command  string
	ActionID []byte `json:",omitempty"`
	OutputID []byte `json:",omitempty"`
	BodySize int64  `json:",omitempty"`
}

type response struct {
	ID            int64
	Err           string     `json:",omitempty"`
	KnownCommands []string   `json:",omitempty"`
	Miss          bool       `json:",omitempty"`
	OutputID      []byte     `json:",omitempty"`
	Size          int64      `json:",omitempty"`
	Time          *time.Time `json:",omitempty"`
	DiskPath      string     `json:",omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "cache: two folders are needed: own and shared")
		os.Exit(2)
	}
	if err := serve(folder(os.Args[1]), folder(os.Args[2])); err != nil {
		fmt.Fprintln(os.Stderr, "cache:", err)
		os.Exit(1)
	}
}

// serve answers one request after another, until there are no more.
func serve(own, shared folder) error {
	in := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<16))
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	answer := response{KnownCommands: []string{"get", "put", "close"}}
	for {
		if err := errors.Join(answers.Encode(answer), out.Flush()); err != nil {
			return err
		}
		var asked request
		if err := in.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch asked.Command {
		case "get":
			answer = get(asked.ActionID, own, shared)
		case "put":
			var body []byte
			if asked.BodySize > 0 {
				if err := in.Decode(&body); err != nil {
					return err
				}
			}
			answer = own.put(asked, body)
		default:
			answer = response{}
		}
		answer.ID = asked.ID
	}
}

// get looks in each folder in turn.
func get(action []byte, folders ...folder) response {
	for _, one := range folders {
		if found, ok := one.get(action); ok {
			return found
		}
	}
	return response{Miss: true}
}

// folder is a build cache on disk.
type folder string

// path of an entry: a for what an action came to, d for the bytes that came out of it.
func (f folder) path(id []byte, kind string) string {
	name := hex.EncodeToString(id)
	return filepath.Join(string(f), name[:2], name+"-"+kind)
}

func (f folder) get(action []byte) (response, bool) {
	line, err := os.ReadFile(f.path(action, "a"))
	if err != nil {
		return response{}, false
	}
	var version, id, output string
	var size, nanoseconds int64
	if _, err := fmt.Sscan(string(line), &version, &id, &output, &size, &nanoseconds); err != nil || version != "v1" {
		return response{}, false
	}
	outputID, err := hex.DecodeString(output)
	if err != nil || id != hex.EncodeToString(action) || len(outputID) == 0 {
		return response{}, false
	}
	path := f.path(outputID, "d")
	if status, err := os.Stat(path); err != nil || status.Size() != size {
		return response{}, false
	}
	made := time.Unix(0, nanoseconds)
	return response{OutputID: outputID, Size: size, Time: &made, DiskPath: path}, true
}

func (f folder) put(asked request, body []byte) response {
	path := f.path(asked.OutputID, "d")
	line := fmt.Sprintf("v1 %x %x %20d %20d\n", asked.ActionID, asked.OutputID, len(body), time.Now().UnixNano())
	if err := errors.Join(write(path, body), write(f.path(asked.ActionID, "a"), []byte(line))); err != nil {
		return response{Err: err.Error()}
	}
	return response{DiskPath: path}
}

// write puts a file in its place whole: another go command of the run may read it meanwhile.
func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "new-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
