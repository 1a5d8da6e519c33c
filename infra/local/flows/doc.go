// Package flows is the tests that look at Parley from outside: real SMTP, HTTP and sockets against a running program.
//
// Owns: a client of the public doors, and flows that must hold on every set-up.
// Never: anything from inside the program; a flow knows only what the ready line says.
// Imported by: nothing.
//
// Five mail clients (swaks, s-nail, mutt, Python's email package, Node's nodemailer) each hold a conversation: exchange_test.go. make need-clients
// installs them, and one that is missing fails its test. They hand their mails to a server of the test's own (postman_test.go), as people's do.
//
// The same flows run on any set-up that prints a ready line: PARLEY_READY='{...}' go test ./infra/local/flows. Without it the tests
// start local mode themselves, in this process, and as a child where they kill it.
package flows
