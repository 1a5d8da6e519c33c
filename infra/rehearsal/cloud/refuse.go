package cloud

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// jsonCodes are the names that the JSON protocols have for what is wrong with a signature or a right.
var jsonCodes = map[string]string{
	"AccessDenied":               "AccessDeniedException",
	"SignatureDoesNotMatch":      "InvalidSignatureException",
	"InvalidClientTokenId":       "UnrecognizedClientException",
	"MissingAuthenticationToken": "MissingAuthenticationTokenException",
	"IncompleteSignature":        "IncompleteSignatureException",
}

func jsonCode(code string) string {
	if name := jsonCodes[code]; name != "" {
		return name
	}
	return code
}

// RefuseJSON is for AWS JSON 1.0 and 1.1 (DynamoDB, SSM): refusals are 400 with a __type.
func RefuseJSON(w http.ResponseWriter, status int, code, message string) {
	if status == http.StatusForbidden {
		status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws#" + jsonCode(code), "message": message, "Message": message})
}

// RefuseREST is for REST with JSON (SESv2, @connections): the type is a header.
func RefuseREST(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", jsonCode(code))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// RefuseXML is for S3.
func RefuseXML(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}{Code: code, Message: message})
}
