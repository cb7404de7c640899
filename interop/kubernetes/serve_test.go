package kubernetes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

// A pod as far as a process can be one: what its containers mount is in a folder, and texts name that folder.
type pod struct {
	folder string
	spec   core.Container
}

// The files that Secrets would bring.
var secrets = map[string]string{
	"/run/secrets/master-key/master.key": strings.Repeat("ab", 32),
	"/run/secrets/database/password":     "nobody asks for it",
}

func mounted(t *testing.T, documents []document, name string) pod {
	t.Helper()
	folder := t.TempDir()
	inside := func(text string) string {
		return regexp.MustCompile(`/(etc|run|var)/[a-z]`).ReplaceAllStringFunc(text, func(found string) string { return folder + found })
	}
	put := func(path, text string) {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range secrets {
		put(path, text)
	}
	for _, deployment := range of[apps.Deployment](documents) {
		if deployment.Name != name {
			continue
		}
		for _, configuration := range of[core.ConfigMap](documents) {
			if configuration.Name == name {
				for file, text := range configuration.Data {
					// The name of the Service is one of the cluster's.
					put("/etc/placet/"+file, strings.ReplaceAll(inside(text), "http://placet:", "http://127.0.0.1:"))
				}
			}
		}
		return pod{folder, deployment.Spec.Template.Spec.Containers[0]}
	}
	t.Fatalf("there is no %s", name)
	return pod{}
}

// Its command, or another one in its place.
func (p pod) command(arguments ...string) *exec.Cmd {
	for index, argument := range arguments {
		if strings.HasPrefix(argument, "/etc/") {
			arguments[index] = p.folder + argument
		}
	}
	binary := os.Getenv("PLACET")
	if binary == "" {
		binary = "../../target/debug/placet"
	}
	return exec.Command(binary, arguments[1:]...)
}

func (p pod) port(name string) int32 {
	for _, port := range p.spec.Ports {
		if port.Name == name {
			return port.ContainerPort
		}
	}
	return 0
}

func (p pod) start(t *testing.T) {
	t.Helper()
	var log bytes.Buffer
	process := p.command(p.spec.Command...)
	process.Stderr = &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
}

// Whether a probe says yes within ten seconds.
func (p pod) probed(t *testing.T, probe *core.Probe) {
	t.Helper()
	var err error
	for range 100 {
		if err = p.probe(probe); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal(err)
}

func (p pod) probe(probe *core.Probe) error {
	if probe.HTTPGet == nil {
		socket, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.port(probe.TCPSocket.Port.StrVal)))
		if err == nil {
			err = socket.Close()
		}
		return err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d%s", p.port(probe.HTTPGet.Port.StrVal), probe.HTTPGet.Path)
	answer, err := http.Get(url)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, answer.Status)
	}
	return err
}

func free(t *testing.T) int {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	return socket.Addr().(*net.TCPAddr).Port
}

func call(t *testing.T, url, token string, request map[string]any) map[string]any {
	t.Helper()
	body, _ := json.Marshal(request)
	asked, _ := http.NewRequest("POST", url, bytes.NewReader(body))
	asked.Header.Set("Authorization", "Bearer "+token)
	asked.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

// What is rendered is run: the commands, with the configuration, the files and the probes of the pods.
func TestWhatIsRenderedServes(t *testing.T) {
	database := os.Getenv("POSTGRES_SERVER")
	if database == "" {
		if os.Getenv("POSTGRES_REQUIRED") != "" {
			t.Fatal("there is no POSTGRES_SERVER")
		}
		t.Skip("there is no POSTGRES_SERVER")
	}
	values := map[string]any{
		"postgres": map[string]any{"url": database},
		"settings": map[string]any{"log.level": "info", "limits.connections": 100, "inspector.calls": "off"},
		"service":  map[string]any{"port": free(t), "metricsPort": free(t)},
		"authserver": map[string]any{
			"enabled": true, "replicas": 1, "issuer": "https://as.example", "service": 1,
			"configuration": "[users]\ndemo = true\n", "expose": map[string]any{"port": free(t)},
		},
	}
	documents, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	engine := mounted(t, documents, "placet")
	engine.start(t)
	engine.probed(t, engine.spec.StartupProbe)
	engine.probed(t, engine.spec.ReadinessProbe)
	engine.probed(t, engine.spec.LivenessProbe)

	// As the notes of the chart say, beside the node that serves.
	founding := engine.command("placet", "found-organization", "--config", "/etc/placet/placet.toml", "--name", "Example Bank")
	founded, err := founding.Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(founded))
	api := fmt.Sprintf("http://127.0.0.1:%d/api", engine.port("api"))
	service := call(t, api+"/service/create", words[3], map[string]any{"serviceName": "Example", "issuer": "https://as.example"})
	token := call(t, api+"/servicetoken/create", words[3], map[string]any{
		"serviceId": service["apiKey"], "organizationId": json.Number(words[1]), "description": "authorization server"})

	values["authserver"].(map[string]any)["service"] = service["apiKey"]
	if documents, err = render(values); err != nil {
		t.Fatal(err)
	}
	secrets["/run/secrets/authserver/token"] = token["accessToken"].(string)
	authserver := mounted(t, documents, "placet-authserver")
	authserver.start(t)
	authserver.probed(t, authserver.spec.ReadinessProbe)
	authserver.probed(t, authserver.spec.LivenessProbe)
	answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/.well-known/openid-configuration", authserver.port("http")))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
}
