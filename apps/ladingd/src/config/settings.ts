// SPDX-License-Identifier: Apache-2.0

/** How the daemon runs. Each field has the name of CRI-O's option in its comment. */
export interface Settings {
  /** `[crio.api] listen`. Default `/run/lading/ladingd.sock`. */
  readonly listen?: string;
  /** `[crio] root`. */
  readonly graphRoot?: string;
  /** `[crio] runroot`. */
  readonly runRoot?: string;
  /** `[crio.runtime] default_runtime`. */
  readonly defaultRuntime?: string;
  /** `[crio.runtime.runtimes.NAME] runtime_path`, by name. */
  readonly runtimes?: Readonly<Record<string, string>>;
  /** `[crio.runtime] cdi_spec_dirs`. */
  readonly cdiSpecDirs?: readonly string[];
  /** `[crio.runtime] conmon`. */
  readonly conmonPath?: string;
  /** `[crio.image] insecure_registries`: hosts, with their port. */
  readonly insecureRegistries?: readonly string[];
  /** `[crio.network] network_dir`. */
  readonly networkConfigDir?: string;
  /** `[crio.network] plugin_dirs`. */
  readonly networkPluginDirs?: readonly string[];
  /** `[crio.network] cni_default_network`. */
  readonly defaultNetwork?: string;
  /** `[crio.network] conf_template`, as containerd calls it. */
  readonly networkTemplate?: string;
  /** `[crio.stats] included_pod_metrics`: groups of the metrics of pods. Default: all. */
  readonly podMetrics?: readonly string[];
  /** `[crio.metrics] enable_metrics`. Default false. */
  readonly metrics?: boolean;
  /** `[crio.metrics] metrics_host`. Default `127.0.0.1`. */
  readonly metricsHost?: string;
  /** `[crio.metrics] metrics_port`; 0 for one that is free. Default 9090. */
  readonly metricsPort?: number;
  /** `[crio.metrics] metrics_socket`: a unix socket beside the port. */
  readonly metricsSocket?: string;
  /** `[crio.metrics] metrics_cert`: file of the certificates, in PEM; with it the port speaks TLS. */
  readonly metricsCert?: string;
  /** `[crio.metrics] metrics_key`: file of their key. */
  readonly metricsKey?: string;
  /** `[crio.metrics] metrics_collectors`: which metrics, by name. Default: all. */
  readonly metricsCollectors?: readonly string[];
}

export const defaultListen = '/run/lading/ladingd.sock';
export const configFile = '/etc/lading/ladingd.conf';
export const configFolder = '/etc/lading/ladingd.conf.d';
