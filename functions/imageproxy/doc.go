// Package imageproxy is the door to pictures that lie elsewhere: it shows an agent what a mail shows from a stranger's server, without that
// server seeing the agent.
//
// Trigger: HTTP API, payload format 2.0, GET /api/image?u=<address>&e=<expiry>&s=<signature>. The route is open: a browser's img element sends
// no token. What stands in its place is the signature, which agentapi makes when an agent opens the mail (package remote).
//
// Reads: the key of the signature, and one address of the public web (fetch: no private network, no cookies, no Referer, three redirects, five
// seconds, 4 MB). It has rights on that one key and on nothing else: what talks to strangers must be of no use to them.
// Writes: nothing.
// Redelivery: a link asked for twice is fetched twice; for an hour the browser answers itself.
// Parks: nothing. A link that is not ours is 403, one that has expired 410; a picture that cannot be had is 404, one that must not be shown 422,
// all as application/problem+json. None of these is our fault, so none of them is a 5xx that would ring.
//
// What a picture is its bytes say and nothing else: PNG, JPEG, GIF, WebP, AVIF, BMP, ICO. SVG and HTML are documents, not pictures. Nothing is
// decoded here; what a browser would need too much memory for is refused by the dimensions in its header. A picture of one pixel shows
// nothing and is there to tell its sender that the mail was opened: whoever asks gets a pixel of ours.
package imageproxy
