package chatflow

// file finds a file that is named otherwise than it was kept, or was never kept for this chat.
func (c *checkup) file(s Step, b Bubble) {
	if b.File == nil || c.k.Files == nil {
		return
	}
	if known, ok := c.k.Files[b.File.ID]; !ok || known != *b.File {
		c.add(Finding{Fault: FaultGone, Step: s.ID, On: b.File.ID, Text: "The file is none of this chat's.", Block: true})
	}
}
