// The Go module github.com/authlete/authlete-go, which calls Version 2 of the API. It has no calls for grant management.
package interop

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/authlete/authlete-go/api"
	"github.com/authlete/authlete-go/conf"
	"github.com/authlete/authlete-go/dto"
	"github.com/authlete/authlete-go/types"
)

const callback = "https://client.example/cb"

type driver struct {
	*testing.T
	api    api.AuthleteApi
	client *dto.Client
	key    string
}

// Where the server is, and what opens it.
var at map[string]string

func TestMain(m *testing.M) {
	os.Exit(served(m))
}

// One server serves all tests; each has a client of its own.
func served(m *testing.M) int {
	command := exec.Command("node", "../api.mjs")
	input, _ := command.StdinPipe()
	output, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		panic(err)
	}
	defer command.Wait()
	defer input.Close()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal([]byte(line), &at); err != nil {
		panic(err)
	}
	return m.Run()
}

func start(t *testing.T) driver {
	said := conf.AuthleteSimpleConfiguration{}
	said.SetBaseUrl(at["base"])
	said.SetServiceApiKey(at["key"])
	said.SetServiceApiSecret(at["secret"])
	said.SetServiceOwnerApiKey(at["owner"])
	said.SetServiceOwnerApiSecret(at["ownerSecret"])
	d := driver{T: t, api: api.New(&said), key: at["key"]}
	client, failed := d.api.CreateClient(metadata("Driver"))
	d.fine(failed)
	d.client = client
	return d
}

func metadata(name string) *dto.Client {
	return &dto.Client{
		ClientName: name,
		ClientType: types.ClientType_CONFIDENTIAL,
		GrantTypes: []types.GrantType{
			types.GrantType_AUTHORIZATION_CODE, types.GrantType_REFRESH_TOKEN, types.GrantType_CLIENT_CREDENTIALS,
			types.GrantType_CIBA, types.GrantType_DEVICE_CODE, types.GrantType_JWT_BEARER,
		},
		ResponseTypes:   []types.ResponseType{types.ResponseType_CODE},
		RedirectUris:    []string{callback},
		TokenAuthMethod: types.ClientAuthMethod_CLIENT_SECRET_BASIC,
		BcDeliveryMode:  types.DeliveryMode_POLL,
		IdTokenSignAlg:  types.JWSAlg_ES256,
	}
}

func (d driver) fine(failed *api.AuthleteError) {
	d.Helper()
	if failed != nil {
		d.Fatal(failed.Error())
	}
}

func (d driver) is(found, expected interface{}) {
	d.Helper()
	if found != expected {
		d.Fatalf("found %v, expected %v", found, expected)
	}
}

func (d driver) id() string {
	return strconv.FormatUint(d.client.ClientId, 10)
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func (d driver) token(pairs ...string) *dto.TokenResponse {
	d.Helper()
	request := dto.TokenRequest{Parameters: form(pairs...), ClientId: d.id(), ClientSecret: d.client.ClientSecret}
	answer, failed := d.api.Token(&request)
	d.fine(failed)
	return answer
}

func (d driver) opens(token string) bool {
	answer, failed := d.api.Introspection(&dto.IntrospectionRequest{Token: token})
	d.fine(failed)
	return string(answer.Action) == "OK"
}

// The tokens of the code flow.
func (d driver) redeemed(scope string) *dto.TokenResponse {
	d.Helper()
	asked := form("response_type", "code", "client_id", d.id(), "redirect_uri", callback, "scope", scope)
	answer, failed := d.api.Authorization(&dto.AuthorizationRequest{Parameters: asked})
	d.fine(failed)
	d.is(string(answer.Action), "INTERACTION")
	issued, failed := d.api.AuthorizationIssue(
		&dto.AuthorizationIssueRequest{Ticket: answer.Ticket, Subject: "john"})
	d.fine(failed)
	location, err := url.Parse(issued.ResponseContent)
	if err != nil {
		d.Fatal(err)
	}
	code := location.Query().Get("code")
	tokens := d.token("grant_type", "authorization_code", "code", code, "redirect_uri", callback)
	d.is(string(tokens.Action), "OK")
	return tokens
}

func TestCode(t *testing.T) {
	d := start(t)
	tokens := d.redeemed("openid")
	d.is(d.opens(tokens.AccessToken), true)
	again := d.token("grant_type", "refresh_token", "refresh_token", tokens.RefreshToken)
	d.is(string(again.Action), "OK")
	d.is(d.opens(tokens.AccessToken), false)
}

func TestManagement(t *testing.T) {
	d := start(t)
	second, failed := d.api.CreateService(&dto.Service{ServiceName: "Second"})
	d.fine(failed)
	second.ServiceName = "Renamed"
	renamed, failed := d.api.UpdateService(second)
	d.fine(failed)
	d.is(renamed.ServiceName, "Renamed")
	list, failed := d.api.GetServiceList(0, 10)
	d.fine(failed)
	d.is(len(list.Services), 2)
	d.fine(d.api.DeleteService(second.ApiKey))
	other, failed := d.api.CreateClient(metadata("Other"))
	d.fine(failed)
	other.ClientName = "Renamed"
	changed, failed := d.api.UpdateClient(other)
	d.fine(failed)
	d.is(changed.ClientName, "Renamed")
	d.fine(d.api.DeleteClient(other.ClientId))
	if _, failed = d.api.GetClient(other.ClientId); failed == nil {
		t.Fatal("the client is still there")
	}
}

func TestBackchannel(t *testing.T) {
	d := start(t)
	asked, failed := d.api.BackchannelAuthentication(&dto.BackchannelAuthenticationRequest{
		Parameters: form("scope", "openid", "login_hint", "john"), ClientId: d.id(), ClientSecret: d.client.ClientSecret,
	})
	d.fine(failed)
	d.is(string(asked.Action), "USER_IDENTIFICATION")
	issued, failed := d.api.BackchannelAuthenticationIssue(
		&dto.BackchannelAuthenticationIssueRequest{Ticket: asked.Ticket})
	d.fine(failed)
	poll := []string{"grant_type", "urn:openid:params:grant-type:ciba", "auth_req_id", issued.AuthReqId}
	d.is(strings.Contains(d.token(poll...).ResponseContent, "authorization_pending"), true)
	_, failed = d.api.BackchannelAuthenticationComplete(&dto.BackchannelAuthenticationCompleteRequest{
		Ticket: asked.Ticket, Result: "AUTHORIZED", Subject: "john",
	})
	d.fine(failed)
	d.is(string(d.token(poll...).Action), "OK")
}

func TestDevice(t *testing.T) {
	d := start(t)
	asked, failed := d.api.DeviceAuthorization(&dto.DeviceAuthorizationRequest{
		Parameters: "scope=openid", ClientId: d.id(), ClientSecret: d.client.ClientSecret,
	})
	d.fine(failed)
	d.is(string(asked.Action), "OK")
	seen, failed := d.api.DeviceVerification(&dto.DeviceVerificationRequest{UserCode: asked.UserCode})
	d.fine(failed)
	d.is(string(seen.Action), "VALID")
	// The member is misspelt in the package, and not on the wire.
	_, failed = d.api.DeviceComplete(&dto.DeviceCompleteRequest{
		UserCode: asked.UserCode, Result: "AUTHORIZED", Sujbect: "john",
	})
	d.fine(failed)
	tokens := d.token(
		"grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", asked.DeviceCode)
	d.is(string(tokens.Action), "OK")
}

func TestTokens(t *testing.T) {
	d := start(t)
	made, failed := d.api.TokenCreate(&dto.TokenCreateRequest{
		GrantType: types.GrantType_CLIENT_CREDENTIALS, ClientId: d.client.ClientId, Scopes: []string{"orders:read"},
	})
	d.fine(failed)
	d.is(d.opens(made.AccessToken), true)
	list, failed := d.api.GetTokenList(d.id(), "", 0, 10)
	d.fine(failed)
	d.is(len(list.AccessTokens), 1)
	d.fine(d.api.TokenDelete(made.AccessToken))
	d.is(d.opens(made.AccessToken), false)
}
