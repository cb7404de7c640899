package interop

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/authlete/authlete-go/dto"
	"github.com/authlete/authlete-go/types"
)

const urn = "urn:ietf:params:oauth:"

func TestTokensThatAreChanged(t *testing.T) {
	d := start(t)
	made, failed := d.api.TokenCreate(&dto.TokenCreateRequest{
		GrantType: types.GrantType_CLIENT_CREDENTIALS, ClientId: d.client.ClientId, Scopes: []string{"orders:read"},
	})
	d.fine(failed)
	changed, failed := d.api.TokenUpdate(
		&dto.TokenUpdateRequest{AccessToken: made.AccessToken, Scopes: []string{"orders:write"}})
	d.fine(failed)
	d.is(string(changed.Action), "OK")
	asked := &dto.IntrospectionRequest{Token: made.AccessToken, Scopes: []string{"orders:read"}}
	found, failed := d.api.Introspection(asked)
	d.fine(failed)
	d.is(string(found.Action), "FORBIDDEN")
	standard, failed := d.api.StandardIntrospection(
		&dto.StandardIntrospectionRequest{Parameters: form("token", made.AccessToken)})
	d.fine(failed)
	d.is(strings.Contains(standard.ResponseContent, `"scope":"orders:write"`), true)
	revoked, failed := d.api.Revocation(&dto.RevocationRequest{
		Parameters: form("token", made.AccessToken), ClientId: d.id(), ClientSecret: d.client.ClientSecret,
	})
	d.fine(failed)
	d.is(string(revoked.Action), "OK")
	d.is(d.opens(made.AccessToken), false)
}

func TestWhatAUserHasGranted(t *testing.T) {
	d := start(t)
	tokens := d.redeemed("openid orders:read")
	asked, failed := d.api.UserInfo(&dto.UserInfoRequest{Token: tokens.AccessToken})
	d.fine(failed)
	d.is(asked.Subject, "john")
	said, failed := d.api.UserInfoIssue(&dto.UserInfoIssueRequest{Token: tokens.AccessToken})
	d.fine(failed)
	d.is(said.ResponseContent, `{"sub":"john"}`)
	granted, failed := d.api.GetGrantedScopes(d.client.ClientId, "john")
	d.fine(failed)
	d.is(strings.Join(granted.LatestGrantedScopes, " "), "openid orders:read")
	d.fine(d.api.DeleteClientAuthorization(d.client.ClientId, "john"))
	d.is(d.opens(tokens.AccessToken), false)
}

// An assertion as the API judges it: its form and its claims. The signature is for the authorization server to judge.
func assertion(audience string) string {
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims := fmt.Sprintf(
		`{"iss":"https://idp.example","sub":"john","aud":%q,"exp":%d}`, audience, time.Now().Unix()+60)
	return encode(`{"alg":"ES256"}`) + "." + encode(claims) + "." + encode(strings.Repeat("s", 64))
}

// Token exchange is left out: the package takes the scopes of the subject token for strings, where the API has objects,
// and cannot read the answer.
func TestAssertions(t *testing.T) {
	d := start(t)
	grant := []string{"grant_type", urn + "grant-type:jwt-bearer", "scope", "orders:read", "assertion"}
	asked := d.token(append(grant, assertion(at["issuer"]))...)
	d.is(string(asked.Action), "JWT_BEARER")
	made, failed := d.api.TokenCreate(&dto.TokenCreateRequest{
		GrantType: types.GrantType_JWT_BEARER, ClientId: d.client.ClientId, Subject: "john", Scopes: asked.Scopes,
	})
	d.fine(failed)
	d.is(d.opens(made.AccessToken), true)
	elsewhere := d.token(append(grant, assertion("https://other.example"))...)
	d.is(strings.Contains(elsewhere.ResponseContent, "invalid_grant"), true)
}

func TestRefusals(t *testing.T) {
	d := start(t)
	asked, failed := d.api.BackchannelAuthentication(&dto.BackchannelAuthenticationRequest{
		Parameters: form("scope", "openid", "login_hint", "nobody"), ClientId: d.id(), ClientSecret: d.client.ClientSecret,
	})
	d.fine(failed)
	unknown, failed := d.api.BackchannelAuthenticationFail(
		&dto.BackchannelAuthenticationFailRequest{Ticket: asked.Ticket, Reason: "UNKNOWN_USER_ID"})
	d.fine(failed)
	d.is(strings.Contains(unknown.ResponseContent, "unknown_user_id"), true)
	begun, failed := d.api.DeviceAuthorization(&dto.DeviceAuthorizationRequest{
		Parameters: "scope=openid", ClientId: d.id(), ClientSecret: d.client.ClientSecret,
	})
	d.fine(failed)
	_, failed = d.api.DeviceComplete(&dto.DeviceCompleteRequest{
		UserCode: begun.UserCode, Result: "ACCESS_DENIED", Sujbect: "john",
	})
	d.fine(failed)
	refused := d.token("grant_type", urn+"grant-type:device_code", "device_code", begun.DeviceCode)
	d.is(strings.Contains(refused.ResponseContent, "access_denied"), true)
}

func TestSecretAndRequestableScopes(t *testing.T) {
	d := start(t)
	secrets, failed := d.api.RefreshClientSecret(d.client.ClientId)
	d.fine(failed)
	d.is(secrets.OldClientSecret, d.client.ClientSecret)
	scopes, failed := d.api.SetRequestableScopes(d.client.ClientId, []string{"openid"})
	d.fine(failed)
	d.is(strings.Join(scopes, " "), "openid")
}
