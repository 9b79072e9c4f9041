// Receives Antiphon's webhooks and verifies them. Nothing to install:
//
//	WEBHOOK_SECRET=whsec_… go run receiver.go 3000
//
// The module github.com/standard-webhooks/standard-webhooks/libraries does what verify does.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tolerance = 5 * time.Minute
	maxBytes  = 1 << 20
)

type event struct {
	ID   string
	Type string
	Room struct{ Name string }
	// Of participant.* and track.*.
	Participant struct{ Identity string }
}

// verify says whether these bytes were sent by who knows the secret, and lately.
func verify(key []byte, header http.Header, body []byte) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	// While the secret is replaced there are several signatures; one of them has to be ours.
	for _, signature := range strings.Split(header.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(signature), []byte(expected)) {
			return true
		}
	}
	return false
}

func main() {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"))
	if err != nil || len(key) == 0 {
		log.Fatal("WEBHOOK_SECRET: expected whsec_ and base64")
	}
	// An event can come twice. An application keeps the ids in its database, in the transaction that does the work.
	var seen sync.Map
	receive := func(writer http.ResponseWriter, request *http.Request) {
		// The bytes as they came: JSON that was read and written again has another signature.
		body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, maxBytes))
		if err != nil {
			return
		}
		var told event
		if !verify(key, request.Header, body) || json.Unmarshal(body, &told) != nil {
			writer.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, again := seen.LoadOrStore(told.ID, true); !again {
			fmt.Println(told.Type, told.Room.Name, told.Participant.Identity)
		}
		writer.WriteHeader(http.StatusNoContent)
	}
	port := "3000"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
