// Package script runs a bot's code step: JavaScript of the workspace's, which nobody has to trust.
//
// Owns: one run in a process of its own, which has no environment, no arguments, nothing open but its two pipes, and bounds of time and memory
// that the kernel and its parent hold it to. Never: network, files, clocks, modules; what an answer means.
// Imported by: functions.
//
// Why a process: the interpreter's built-in functions cannot be interrupted (Array.prototype.fill on {length: 2**53}), and what one allocates
// is the whole program's. A process can be killed. It is this program once more: init of this package sees childEnv and goes no further.
package script
