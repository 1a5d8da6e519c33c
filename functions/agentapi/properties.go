package agentapi

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/people"
)

type propertiesOut struct {
	Body struct {
		Properties []people.Property `json:"properties" doc:"In their order; hidden ones too."`
		Home       string            `json:"home" doc:"Calling code of telephone numbers without a country; empty for none."`
	}
}

// PropertyFields are what somebody says of a property. (What is embedded is exported, or the library that reads the types overlooks it.)
type PropertyFields struct {
	Name    string   `json:"name" minLength:"1" maxLength:"80"`
	Options []string `json:"options,omitempty" maxItems:"100" doc:"Of a choice or a lifecycle. Values of contacts that are no option any more stay until they are changed."`
	Hidden  bool     `json:"hidden,omitempty"`
	Order   int      `json:"order,omitempty" minimum:"0" doc:"Behind the others if it is 0."`
}

type newPropertyIn struct {
	Body struct {
		PropertyFields
		Of   string      `json:"of" enum:"contact,company"`
		Kind people.Kind `json:"kind" enum:"text,number,date,choice,owner,lifecycle"`
	}
}

type putPropertyIn struct {
	Of       string `path:"of" enum:"contact,company"`
	Property string `path:"property" maxLength:"64"`
	IfMatch  string `header:"If-Match" doc:"An ETag of the property, or its revision, quoted: refused with 412 once somebody else has changed it."`
	Body     PropertyFields
}

type propertyOut struct {
	ETag string `header:"ETag" doc:"The property's revision, quoted: for If-Match."`
	Body people.Property
}

type homeIn struct {
	Body struct {
		Code string `json:"code" maxLength:"5" doc:"386, 49 …; empty for none."`
	}
}

func (d *door) registerProperties() {
	huma.Register(d.api, op("GET", "/api/properties", "listProperties", "What can be known of contacts and companies"), d.properties)
	huma.Register(d.api, created(op("POST", "/api/properties", "createProperty", "Add a property (admins)")), d.newProperty)
	huma.Register(d.api, op("PUT", "/api/properties/{of}/{property}", "putProperty", "Rename, hide or reorder a property, change its options (admins); its values stay"), d.putProperty)
	huma.Register(d.api, op("PUT", "/api/properties/home", "setHomeCountry", "Which country telephone numbers without one are of (admins)"), d.setHome)
}

func (d *door) properties(ctx context.Context, _ *struct{}) (*propertiesOut, error) {
	all, err := d.store.Contacts.Properties(ctx)
	if err != nil {
		return nil, err
	}
	out := &propertiesOut{}
	out.Body.Properties = all
	out.Body.Home, err = d.store.Contacts.Home(ctx)
	return out, err
}

func (d *door) newProperty(ctx context.Context, in *newPropertyIn) (*propertyOut, error) {
	return d.saveProperty(ctx, people.Property{Of: in.Body.Of, Kind: in.Body.Kind}, "", in.Body.PropertyFields)
}

func (d *door) putProperty(ctx context.Context, in *putPropertyIn) (*propertyOut, error) {
	all, err := d.store.Contacts.Properties(ctx)
	if err != nil {
		return nil, err
	}
	p, _ := people.Find(all, in.Of, in.Property)
	p.ID, p.Of = in.Property, in.Of
	return d.saveProperty(ctx, p, in.IfMatch, in.Body)
}

func (d *door) saveProperty(ctx context.Context, p people.Property, ifMatch string, f PropertyFields) (*propertyOut, error) {
	p.Name, p.Hidden, p.Options = strings.Join(strings.Fields(f.Name), " "), f.Hidden, nil
	for _, o := range f.Options {
		p.Options = append(p.Options, strings.Join(strings.Fields(o), " "))
	}
	if f.Order > 0 {
		p.Order = f.Order
	}
	p, err := d.store.Contacts.PutProperty(ctx, agent(caller(ctx)), p, unchanged(ifMatch))
	return &propertyOut{etag(p.Revision), p}, err
}

func (d *door) setHome(ctx context.Context, in *homeIn) (*struct{}, error) {
	return nil, d.store.Contacts.SetHome(ctx, agent(caller(ctx)), in.Body.Code)
}
