package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// Ten alarmed figures, ten figures of our own and three dashboards are free in an account.
func TestAlarms(t *testing.T) {
	alarms := dev.of(t, "AWS::CloudWatch::Alarm")
	figures, ours := 0, map[string]bool{}
	for _, r := range alarms {
		if metrics, ok := r.at("Metrics").([]any); ok {
			figures += len(metrics) - 1 // the expression is none
		} else {
			figures++
		}
		if r.at("Namespace") == "Parley/dev" {
			ours[r.at("MetricName").(string)] = true
		}
		for _, key := range []string{"AlarmActions", "OKActions"} {
			if actions, _ := r.at(key).([]any); len(actions) != 1 || plain(actions[0]) != "${AlarmTopic}" {
				t.Errorf("%s: %s %v: nobody hears it", r.ID, key, r.at(key))
			}
		}
		if r.at("TreatMissingData") != "notBreaching" || r.at("AlarmDescription") == nil {
			t.Errorf("%s rings in a quiet hour, or does not say what to do", r.ID)
		}
	}
	if len(alarms) > 10 || figures > 10 {
		t.Errorf("%d alarms over %d figures", len(alarms), figures)
	}
	made := map[string]bool{}
	for _, r := range dev.of(t, "AWS::Logs::MetricFilter") {
		m := resource{Properties: r.at("MetricTransformations").([]any)[0].(map[string]any)}
		made[m.at("MetricName").(string)] = true
		if m.at("MetricNamespace") != "Parley/dev" {
			t.Errorf("%s counts into %v", r.ID, m.at("MetricNamespace"))
		}
	}
	for name := range ours {
		if !made[name] {
			t.Errorf("an alarm listens to %s, which no log makes", name)
		}
	}
	if len(made) > 10 || len(made) != len(ours) {
		t.Errorf("figures of our own: %v, alarmed: %v", made, ours)
	}
	if n := len(dev.of(t, "AWS::CloudWatch::Dashboard")); n != 1 {
		t.Errorf("%d dashboards", n)
	}
}

// Trouble is every function's: one that is forgotten fails in silence.
func TestEveryFunctionsTroubleCounts(t *testing.T) {
	watched := []string{}
	for _, r := range dev.of(t, "AWS::Logs::MetricFilter") {
		if r.ID != "StuckFigure" {
			watched = append(watched, plain(r.at("LogGroupName")))
		}
	}
	for _, r := range dev.of(t, "AWS::Lambda::Function") {
		if !slices.Contains(watched, plain(r.at("LoggingConfig", "LogGroup"))) {
			t.Errorf("%s: nobody reads its log", r.ID)
		}
	}
}

// Every queue of dead letters rings.
func TestDeadLettersRing(t *testing.T) {
	heard := []string{}
	for _, r := range dev.of(t, "AWS::CloudWatch::Alarm") {
		if r.at("MetricName") == "ApproximateNumberOfMessagesVisible" {
			heard = append(heard, plain(r.at("Dimensions").([]any)[0].(map[string]any)["Value"]))
		}
	}
	for _, r := range dev.of(t, "AWS::SQS::Queue") {
		if target := r.at("RedrivePolicy", "deadLetterTargetArn"); target != nil {
			name := regexp.MustCompile(`\.Arn}$`).ReplaceAllString(plain(target), ".QueueName}")
			if !slices.Contains(heard, name) {
				t.Errorf("%s: its dead letters %s ring nobody: %v", r.ID, name, heard)
			}
		}
	}
}

// The dashboard is JSON that CloudWatch can read, with a figure in every widget.
func TestDashboard(t *testing.T) {
	var body struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          struct {
				Title   string
				Metrics [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(plain(dev.resources["Dashboard"].at("DashboardBody"))), &body); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{}
	for _, w := range body.Widgets {
		places[fmt.Sprint(w.X, w.Y)] = true
		if w.X+w.Width > 24 || w.Properties.Title == "" || len(w.Properties.Metrics) == 0 {
			t.Errorf("widget %+v", w)
		}
	}
	if len(body.Widgets) != 9 || len(places) != 9 {
		t.Errorf("%d widgets in %d places", len(body.Widgets), len(places))
	}
}
