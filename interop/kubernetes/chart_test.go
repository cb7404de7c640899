package kubernetes

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var write = flag.Bool("write", false, "write deploy/kubernetes anew")

var trailing = regexp.MustCompile(`(?m) +$`)

var all = []string{"least", "plain", "everything"}

func TestHelmFindsNothing(t *testing.T) {
	for _, name := range all {
		for _, message := range lint.AllWithKubeVersion(chart, values(t, name), "placet", nil).Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%s: %s", name, message)
			}
		}
	}
}

func TestPlainManifestsAreThoseOfTheChart(t *testing.T) {
	texts := map[string][]string{}
	for _, document := range rendered(t, "plain") {
		component := document.head.Labels["app.kubernetes.io/component"]
		texts[component] = append(texts[component], document.text)
	}
	for component, parts := range texts {
		path := filepath.Join("../../deploy/kubernetes", component+".yaml")
		head := "# Rendered from deploy/helm/placet by `go test -write` in interop/kubernetes; docs/kubernetes.md says what to change.\n"
		text := head + strings.Join(parts, "---\n")
		// Nothing here is Helm's.
		text = trailing.ReplaceAllString(text, "")
		text = strings.ReplaceAll(text, "app.kubernetes.io/managed-by: Helm", "app.kubernetes.io/managed-by: kubectl")
		if *write {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if found, err := os.ReadFile(path); err != nil || string(found) != text {
			t.Errorf("%s is not what the chart renders; go test -write", path)
		}
	}
}

func TestPodsHaveNoRightsAndAreWatched(t *testing.T) {
	for _, name := range all {
		for _, deployment := range of[apps.Deployment](rendered(t, name)) {
			pod := deployment.Spec.Template.Spec
			if security := pod.SecurityContext; !*security.RunAsNonRoot || *security.RunAsUser == 0 ||
				security.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault || *pod.AutomountServiceAccountToken {
				t.Errorf("%s: %s may too much", name, deployment.Name)
			}
			for _, container := range pod.Containers {
				security := container.SecurityContext
				if *security.AllowPrivilegeEscalation || !*security.ReadOnlyRootFilesystem ||
					!slices.Equal(security.Capabilities.Drop, []core.Capability{"ALL"}) || len(security.Capabilities.Add) != 0 {
					t.Errorf("%s: %s may too much", name, container.Name)
				}
				if container.Resources.Requests.Cpu().IsZero() || container.Resources.Limits.Memory().IsZero() {
					t.Errorf("%s: %s says nothing of what it needs", name, container.Name)
				}
				for _, probe := range []*core.Probe{container.ReadinessProbe, container.LivenessProbe} {
					if probe == nil {
						t.Fatalf("%s: %s is not watched", name, container.Name)
					}
					checkProbe(t, container, probe)
				}
			}
		}
	}
}

func checkProbe(t *testing.T, container core.Container, probe *core.Probe) {
	var port intstr.IntOrString
	if probe.HTTPGet != nil {
		port = probe.HTTPGet.Port
	} else {
		port = probe.TCPSocket.Port
	}
	if !hasPort(container, port.StrVal) {
		t.Errorf("%s has no port %s", container.Name, port.StrVal)
	}
}

func hasPort(container core.Container, name string) bool {
	return slices.ContainsFunc(container.Ports, func(port core.ContainerPort) bool { return port.Name == name })
}

// Everything that names pods, ports, volumes or objects names some that are there.
func TestNamesLeadSomewhere(t *testing.T) {
	for _, name := range all {
		documents := rendered(t, name)
		deployments := of[apps.Deployment](documents)
		pods := func(what string, labels map[string]string) core.PodSpec {
			for _, deployment := range deployments {
				if subset(labels, deployment.Spec.Template.Labels) {
					return deployment.Spec.Template.Spec
				}
			}
			t.Fatalf("%s: %s finds no pods by %v", name, what, labels)
			return core.PodSpec{}
		}
		for _, deployment := range deployments {
			pods(deployment.Name, deployment.Spec.Selector.MatchLabels)
			checkVolumes(t, documents, deployment.Spec.Template.Spec)
		}
		for _, service := range of[core.Service](documents) {
			for _, port := range service.Spec.Ports {
				if !hasPort(pods(service.Name, service.Spec.Selector).Containers[0], port.TargetPort.StrVal) {
					t.Errorf("%s: %s leads to no port", name, service.Name)
				}
			}
		}
		for _, budget := range of[policy.PodDisruptionBudget](documents) {
			pods(budget.Name, budget.Spec.Selector.MatchLabels)
		}
		for _, rule := range of[networking.NetworkPolicy](documents) {
			pods(rule.Name, rule.Spec.PodSelector.MatchLabels)
		}
		for _, scaler := range of[autoscaling.HorizontalPodAutoscaler](documents) {
			index := slices.IndexFunc(deployments, func(d *apps.Deployment) bool { return d.Name == scaler.Spec.ScaleTargetRef.Name })
			if index < 0 || deployments[index].Spec.Replicas != nil {
				t.Errorf("%s: %s scales nothing, or something that says how often it is there", name, scaler.Name)
			}
		}
		for _, monitor := range of[serviceMonitor](documents) {
			if !slices.ContainsFunc(of[core.Service](documents), func(service *core.Service) bool {
				return subset(monitor.Spec.Selector.MatchLabels, service.Labels) && service.Spec.Ports[0].Name == monitor.Spec.Endpoints[0].Port
			}) {
				t.Errorf("%s: %s watches nothing", name, monitor.Name)
			}
		}
	}
}

func checkVolumes(t *testing.T, documents []document, pod core.PodSpec) {
	for _, mount := range pod.Containers[0].VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(volume core.Volume) bool { return volume.Name == mount.Name }) {
			t.Errorf("there is no volume %s", mount.Name)
		}
	}
	for _, volume := range pod.Volumes {
		// What others make is not of the chart.
		if volume.Name != "configuration" {
			continue
		}
		if !slices.ContainsFunc(of[core.ConfigMap](documents), func(m *core.ConfigMap) bool { return m.Name == volume.ConfigMap.Name }) {
			t.Errorf("there is no ConfigMap %s", volume.ConfigMap.Name)
		}
	}
}

func subset(labels, of map[string]string) bool {
	for name, value := range labels {
		if of[name] != value {
			return false
		}
	}
	return len(labels) > 0
}

// No Secret is made, and none of what the values name as one is a value of the environment.
func TestSecretsStayWhereTheyAre(t *testing.T) {
	for _, name := range all {
		for _, document := range rendered(t, name) {
			if document.head.Kind == "Secret" || strings.Contains(document.text, "secretKeyRef") {
				t.Errorf("%s: a secret in the clear: %s", name, document.text)
			}
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	for wanted, values := range map[string]map[string]any{
		"postgres.url":           {},
		"texts and whole":        {"postgres": map[string]any{"url": "x"}, "settings": map[string]any{"version2": true}},
		"authserver.issuer":      {"postgres": map[string]any{"url": "x"}, "authserver": map[string]any{"enabled": true, "replicas": 1}},
		"needs a [shared] table": {"postgres": map[string]any{"url": "x"}, "authserver": map[string]any{"enabled": true}},
	} {
		if _, err := render(values); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%s: %v", wanted, err)
		}
	}
}
