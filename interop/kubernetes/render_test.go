// The chart of deploy/helm is rendered by Helm's own engine, and what comes out is read into the types of k8s.io/api, where a
// member that no type has is an error. `go test -write` writes deploy/kubernetes anew.
package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const chart = "../../deploy/helm/placet"

// A ServiceMonitor is no type of Kubernetes; this is as much of it as the chart uses.
type serviceMonitor struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Selector  meta.LabelSelector `json:"selector"`
		Endpoints []struct {
			Port     string `json:"port"`
			Interval string `json:"interval"`
		} `json:"endpoints"`
	} `json:"spec"`
}

// What a kind is read into.
var kinds = map[string]func() any{
	"v1/ConfigMap":                            func() any { return new(core.ConfigMap) },
	"v1/Service":                              func() any { return new(core.Service) },
	"v1/ServiceAccount":                       func() any { return new(core.ServiceAccount) },
	"apps/v1/Deployment":                      func() any { return new(apps.Deployment) },
	"policy/v1/PodDisruptionBudget":           func() any { return new(policy.PodDisruptionBudget) },
	"autoscaling/v2/HorizontalPodAutoscaler":  func() any { return new(autoscaling.HorizontalPodAutoscaler) },
	"networking.k8s.io/v1/NetworkPolicy":      func() any { return new(networking.NetworkPolicy) },
	"networking.k8s.io/v1/Ingress":            func() any { return new(networking.Ingress) },
	"monitoring.coreos.com/v1/ServiceMonitor": func() any { return new(serviceMonitor) },
}

// A rendered document: its text, and what it was read into.
type document struct {
	text   string
	head   meta.PartialObjectMetadata
	object any
}

// What `helm template placet` with a file of values makes, in the order of names.
func render(values map[string]any) ([]document, error) {
	loaded, err := loader.Load(chart)
	if err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "placet", Namespace: "placet", IsInstall: true}
	coalesced, err := chartutil.ToRenderValues(loaded, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Engine{Strict: true}.Render(loaded, coalesced)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		if strings.HasSuffix(name, ".yaml") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var documents []document
	for _, name := range names {
		for _, text := range strings.Split(rendered[name], "\n---\n") {
			if strings.TrimSpace(text) == "" {
				continue
			}
			read, err := read(strings.TrimSpace(text) + "\n")
			if err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", name, err, text)
			}
			documents = append(documents, read)
		}
	}
	return documents, nil
}

func read(text string) (document, error) {
	read := document{text: text}
	if err := yaml.Unmarshal([]byte(text), &read.head); err != nil {
		return read, err
	}
	kind := read.head.APIVersion + "/" + read.head.Kind
	make, known := kinds[kind]
	if !known {
		return read, fmt.Errorf("%s is no kind that is known", kind)
	}
	read.object = make()
	return read, yaml.UnmarshalStrict([]byte(text), read.object)
}

func values(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("values", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.UnmarshalStrict(text, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func rendered(t *testing.T, name string) []document {
	t.Helper()
	documents, err := render(values(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return documents
}

// Those of a kind.
func of[T any](documents []document) []*T {
	var found []*T
	for _, document := range documents {
		if object, is := document.object.(*T); is {
			found = append(found, object)
		}
	}
	return found
}
