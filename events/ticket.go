package events

// TicketMade says that a ticket was made from the thread. What becomes of it stands with the ticket.
type TicketMade struct {
	Ticket  string `json:"ticket"` // id
	Number  int64  `json:"number"` // by which people call it
	Subject string `json:"subject"`
}

func (TicketMade) FactType() (string, int) { return "ticket.made", 1 }
