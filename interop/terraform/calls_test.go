// The calls that the vendor's Terraform provider (authlete/authlete, the one that is generated from the OpenAPI document) makes, in its
// order: it makes and removes a service by its organization, reads what it has written, and takes for a change whatever
// comes back otherwise. docs/terraform.md says why the provider itself is not here.
package terraform

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

// placet dev, by what its file of variables says.
type server struct {
	base, organization, token string
}

func started(t *testing.T) server {
	t.Helper()
	binary := os.Getenv("PLACET")
	if binary == "" {
		binary = "../../target/debug/placet"
	}
	data := filepath.Join(t.TempDir(), "data")
	process := exec.Command(binary, "dev", "--dir", data, "--listen", "127.0.0.1:0")
	output, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt)
		_ = process.Wait()
	})
	greeting := make([]byte, 0, 4096)
	for deadline := time.Now().Add(30 * time.Second); !bytes.Contains(greeting, []byte("Ctrl-C")); {
		part := make([]byte, 1024)
		read, err := output.Read(part)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("placet dev does not start: %v\n%s", err, greeting)
		}
		greeting = append(greeting, part[:read]...)
	}
	text, err := os.ReadFile(filepath.Join(data, "env"))
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, is := strings.Cut(line, "="); is {
			variables[name] = value
		}
	}
	return server{variables["AUTHLETE_BASE_URL"], variables["AUTHLETE_ORGANIZATION_ID"], variables["AUTHLETE_ORG_TOKEN"]}
}

func (s server) call(t *testing.T, method, path string, request any, status int) object {
	t.Helper()
	var body bytes.Buffer
	if request != nil {
		if err := json.NewEncoder(&body).Encode(request); err != nil {
			t.Fatal(err)
		}
	}
	asked, _ := http.NewRequest(method, s.base+path, &body)
	asked.Header.Set("Authorization", "Bearer "+s.token)
	asked.Header.Set("Accept", "application/json")
	if request != nil {
		asked.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said := object{}
	decoder := json.NewDecoder(answer.Body)
	decoder.UseNumber()
	_ = decoder.Decode(&said)
	if answer.StatusCode != status {
		t.Fatalf("%s %s: %d instead of %d: %v", method, path, answer.StatusCode, status, said)
	}
	return said
}

// What a second plan compares: each member that was written has to be read as it was written. JWK Sets are texts, and compared
// by what they say.
func sameAs(t *testing.T, written, read object) {
	t.Helper()
	var plain object
	text, _ := json.Marshal(written)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	_ = decoder.Decode(&plain)
	for name, value := range plain {
		found := read[name]
		if name == "jwks" {
			value, found = parsed(value), parsed(found)
		}
		if !reflect.DeepEqual(value, found) {
			t.Errorf("%s was written as %v, and is read as %v", name, value, found)
		}
	}
}

func parsed(text any) any {
	var value any
	_ = json.Unmarshal([]byte(text.(string)), &value)
	return value
}

// All that a state has is written with an update, what the server has said by itself too.
func changed(state object, changes object) object {
	whole := object{}
	for name, value := range state {
		whole[name] = value
	}
	for name, value := range changes {
		whole[name] = value
	}
	return whole
}

// What differs between two readings, but for the moment of a change.
func unlike(t *testing.T, one, other object) {
	t.Helper()
	for name := range changed(one, other) {
		if name != "modifiedAt" && !reflect.DeepEqual(one[name], other[name]) {
			t.Errorf("%s was %v, and is %v", name, one[name], other[name])
		}
	}
}

func text(number any) string { return number.(json.Number).String() }

const jwks = `{ "keys": [ {"kty":"EC", "crv":"P-256", "alg":"ES256", "use":"sig", "kid":"1",
  "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"} ] }`

func service() object {
	return object{
		"serviceName": "Shop", "description": "by Terraform", "issuer": "https://as.shop.example",
		"authorizationEndpoint": "https://as.shop.example/authorize", "tokenEndpoint": "https://as.shop.example/token",
		"supportedGrantTypes":    []string{"REFRESH_TOKEN", "AUTHORIZATION_CODE"},
		"supportedResponseTypes": []string{"CODE"}, "supportedTokenAuthMethods": []string{"PRIVATE_KEY_JWT", "CLIENT_SECRET_BASIC"},
		"supportedScopes": []object{
			{"name": "orders", "description": "Orders", "defaultEntry": false, "attributes": []object{{"key": "level", "value": "2"}}},
		},
		"attributes":          []object{{"key": "stage", "value": "test"}},
		"accessTokenDuration": 600, "refreshTokenDuration": 86400, "pkceRequired": true, "parRequired": false,
	}
}

func client() object {
	return object{
		"clientName": "Web", "clientType": "CONFIDENTIAL", "applicationType": "WEB",
		"grantTypes": []string{"AUTHORIZATION_CODE", "REFRESH_TOKEN"}, "responseTypes": []string{"CODE"},
		"redirectUris":    []string{"https://shop.example/b", "https://shop.example/a"},
		"tokenAuthMethod": "PRIVATE_KEY_JWT", "tokenAuthSignAlg": "ES256", "idTokenSignAlg": "ES256",
		"jwks": jwks, "contacts": []string{"shop@example.com"}, "pkceRequired": true,
		"attributes": []object{{"key": "owner", "value": "shop"}},
	}
}

func TestServiceAndClientAreMadeChangedImportedAndRemoved(t *testing.T) {
	s := started(t)

	// Create. The provider writes organizationId and, if it was told one, apiServerId beside the service.
	made := s.call(t, "POST", "/api/service", object{"organizationId": json.Number(s.organization), "service": service()}, 200)
	sameAs(t, service(), made)
	path := "/api/" + text(made["apiKey"])
	state := s.call(t, "GET", path+"/service/get", nil, 200)
	web := s.call(t, "POST", path+"/client/create", client(), 200)
	sameAs(t, client(), web)
	named := "/" + text(web["clientId"])
	webState := s.call(t, "GET", path+"/client/get"+named, nil, 200)

	// A second plan: what is read is what was written, and stays so.
	sameAs(t, service(), state)
	sameAs(t, client(), webState)
	unlike(t, made, state)
	unlike(t, web, webState)

	// Update: everything is written, with one thing changed, and read again.
	changes := object{"description": "changed", "accessTokenDuration": 300, "supportedGrantTypes": []string{"AUTHORIZATION_CODE"}}
	s.call(t, "POST", path+"/service/update", changed(state, changes), 200)
	again := s.call(t, "GET", path+"/service/get", nil, 200)
	sameAs(t, changes, again)
	unlike(t, changed(again, object{"description": 0, "accessTokenDuration": 0, "supportedGrantTypes": 0}),
		changed(state, object{"description": 0, "accessTokenDuration": 0, "supportedGrantTypes": 0}))
	changes = object{"clientName": "Shop", "redirectUris": []string{"https://shop.example/c"}}
	s.call(t, "POST", path+"/client/update"+named, changed(webState, changes), 200)
	webAgain := s.call(t, "GET", path+"/client/get"+named, nil, 200)
	sameAs(t, changes, webAgain)
	unlike(t, changed(webAgain, object{"clientName": 0, "redirectUris": 0}), changed(webState, object{"clientName": 0, "redirectUris": 0}))

	// What is said no more goes back to its default, and an update that changes nothing changes nothing.
	less := changed(again, object{})
	delete(less, "attributes")
	s.call(t, "POST", path+"/service/update", less, 200)
	if left := s.call(t, "GET", path+"/service/get", nil, 200)["attributes"]; left != nil {
		t.Errorf("attributes are left: %v", left)
	}
	s.call(t, "POST", path+"/client/update"+named, webAgain, 200)
	unlike(t, webAgain, s.call(t, "GET", path+"/client/get"+named, nil, 200))

	// Import is a reading by number alone, and is the same. Then everything goes, the client first.
	s.call(t, "DELETE", path+"/client/delete"+named, nil, 204)
	s.call(t, "GET", path+"/client/get"+named, nil, 404)
	s.call(t, "POST", "/api/service/remove", object{"organizationId": json.Number(s.organization), "serviceId": made["apiKey"]}, 204)
	s.call(t, "GET", path+"/service/get", nil, 404)
}
