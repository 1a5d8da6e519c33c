package people

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"parley/shared/fault"
)

// Sheet is a table from a file: its header and its rows. Rows count from 1, the header not counted.
type Sheet struct {
	Header []string
	Rows   [][]string
}

// Bounds of an import.
const (
	MaxRows    = 200_000
	MaxColumns = 120
)

// ReadSheet reads a CSV file as spreadsheets write it: UTF-8, or else Windows-1252; separated by comma, semicolon or tab, whichever the first
// line has most of. Empty lines are no rows.
func ReadSheet(raw []byte) (Sheet, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		raw = fromWindows(raw)
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return Sheet{}, fault.New(fault.Invalid, "This is no CSV file. Please save the table as CSV, UTF-8.")
	}
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	comma := ','
	for _, c := range ";\t" {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(comma))) {
			comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	var s Sheet
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			if len(s.Header) == 0 {
				return s, fault.New(fault.Invalid, "The file is empty.")
			}
			return s, nil
		case err != nil:
			return s, fault.Wrap(err, fault.Invalid, "This is no CSV file, or it is damaged after row %d.", len(s.Rows))
		case s.Header == nil:
			if len(row) > MaxColumns {
				return s, fault.New(fault.Invalid, "The file has more than %d columns.", MaxColumns)
			}
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			s.Header = row
			continue
		case len(row) == 1 && strings.TrimSpace(row[0]) == "":
			continue
		}
		if s.Rows = append(s.Rows, row); len(s.Rows) > MaxRows {
			return s, fault.New(fault.Invalid, "The file has more than %d rows. Please split it.", MaxRows)
		}
	}
}

// fromWindows reads Windows-1252, what spreadsheets of western offices write when they are not asked for UTF-8.
func fromWindows(raw []byte) []byte {
	high := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	var b bytes.Buffer
	for _, c := range raw {
		if c >= 0x80 && c < 0xa0 {
			b.WriteRune(high[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.Bytes()
}

// Cell writes a value for a CSV file that a spreadsheet opens: one that it would take for a formula gets an apostrophe before it, which
// reading the file takes off again.
func Cell(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) || strings.Trim(s, "+-0123456789. ") == "" {
		return s
	}
	return "'" + s
}

// cellText is what Cell was given.
func cellText(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(s[1])) {
		return s[1:]
	}
	return s
}
