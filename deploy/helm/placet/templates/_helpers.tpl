{{/* What everything is called. */}}
{{- define "placet.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What pods of a component are found by: (list $ "engine"). */}}
{{- define "placet.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "placet.labels" -}}
{{- $root := index . 0 -}}
{{ include "placet.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "placet.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}

{{/* A user without rights, which the image has too. */}}
{{- define "placet.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "placet.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* A value of TOML. Numbers of values are floating-point ones to Helm. */}}
{{- define "placet.toml" -}}
{{- if kindIs "string" . -}}{{ . | toJson }}{{- else if kindIs "bool" . -}}{{ fail "settings are texts and whole numbers: \"on\", not true" }}{{- else -}}{{ printf "%.0f" (float64 .) }}{{- end -}}
{{- end -}}

{{/* The configuration of the engine. */}}
{{- define "placet.configuration" -}}
listen = "0.0.0.0:{{ .Values.service.port }}"
metrics_listen = "0.0.0.0:{{ .Values.service.metricsPort }}"
directory = "/var/lib/placet"
master_key.file = "/run/secrets/master-key/{{ .Values.masterKeySecret.key }}"
{{- with .Values.masterKeySecret.formerKey }}
master_key.former_file = "/run/secrets/master-key/{{ . }}"
{{- end }}
postgres.url = {{ required "postgres.url: what database do the nodes share?" .Values.postgres.url | toJson }}
postgres.password_file = "/run/secrets/database/{{ .Values.postgres.passwordSecret.key }}"
{{- if .Values.postgres.authority.configMap }}
postgres.ca_file = "/etc/placet-database/{{ .Values.postgres.authority.key }}"
{{- end }}
{{- range $name, $value := .Values.settings }}
{{ $name }} = {{ include "placet.toml" $value }}
{{- end }}
{{- with .Values.configuration }}

{{ . | trim }}
{{- end }}
{{- end -}}

{{/* The configuration of the authorization server. */}}
{{- define "placet.authserver.configuration" -}}
listen = "0.0.0.0:{{ .Values.authserver.expose.port }}"
issuer = {{ required "authserver.issuer: which issuer is it?" .Values.authserver.issuer | toJson }}

{{ .Values.authserver.configuration | trim }}

[api]
url = "http://{{ include "placet.fullname" . }}:{{ .Values.service.port }}"
service = {{ printf "%.0f" (float64 (required "authserver.service: which service is it for?" .Values.authserver.service)) }}
token_file = "/run/secrets/authserver/token"
{{- end -}}
