// SPDX-License-Identifier: Apache-2.0

/** How the daemon runs. Each field has the name of CRI-O's option in its comment. */
export interface Settings {
  /** `[crio.api] listen`. Default `/run/lading/ladingd.sock`. */
  readonly listen?: string;
  /** `[crio.api] stream_address`: of exec, attach and port-forward. Default `127.0.0.1`. */
  readonly streamAddress?: string;
  /** `[crio.api] stream_port`, a number as text. Default `0`: one that is free. */
  readonly streamPort?: string;
  /** `[crio.api] stream_enable_tls`. Default false. */
  readonly streamTls?: boolean;
  /** `[crio.api] stream_tls_cert`: file of the certificates, in PEM. */
  readonly streamCert?: string;
  /** `[crio.api] stream_tls_key`: file of their key. */
  readonly streamKey?: string;
  /** `[crio.api] stream_idle_timeout`, such as `4h` or `90s`. Default four hours. */
  readonly streamIdleTimeout?: string;
  /** `[crio] root`. */
  readonly graphRoot?: string;
  /** `[crio] runroot`. */
  readonly runRoot?: string;
  /** `[crio.runtime] default_runtime`. Reloaded. */
  readonly defaultRuntime?: string;
  /** `[crio.runtime.runtimes.NAME] runtime_path`, by name. Reloaded. */
  readonly runtimes?: Readonly<Record<string, string>>;
  /** `[crio.runtime.runtimes.NAME] runtime_root`: where the runtime has its state, by name. Reloaded. */
  readonly runtimeRoots?: Readonly<Record<string, string>>;
  /** `[crio.runtime.runtimes.NAME] monitor_path`: a conmon of its own, by name. Reloaded. */
  readonly monitorPaths?: Readonly<Record<string, string>>;
  /** `[crio.runtime.runtimes.NAME] default_annotations`: of containers that do not have them, by name. Reloaded. */
  readonly defaultAnnotations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `[crio.runtime] conmon_cgroup`: `pod` for monitors in control groups of their pods. Default: in that of the daemon. Reloaded. */
  readonly monitorCgroup?: string;
  /** `[crio.runtime.runtimes.NAME] monitor_cgroup`: the same, by name. Reloaded. */
  readonly monitorCgroups?: Readonly<Record<string, string>>;
  /** `[crio.runtime.runtimes.NAME] monitor_env`: `NAME=value`, of the monitor, by name. Reloaded. */
  readonly monitorEnv?: Readonly<Record<string, readonly string[]>>;
  /** `[crio.runtime.runtimes.NAME] container_create_timeout`: seconds that a call of the runtime may take, by name. Reloaded. */
  readonly createTimeouts?: Readonly<Record<string, number>>;
  /** `[crio.runtime.runtimes.NAME] allowed_annotations`: of pods, that change their containers; by name. Reloaded. */
  readonly allowedAnnotations?: Readonly<Record<string, readonly string[]>>;
  /** `[crio.runtime] hooks_dir`: folders of files that describe OCI hooks; later ones win. */
  readonly hooksDirs?: readonly string[];
  /** `[crio.runtime] default_mounts_file`: lines `/host:/inside`, mounted in each container for reading. Reloaded. */
  readonly defaultMountsFile?: string;
  /** `[crio.runtime] absent_mount_sources_to_reject`: paths that are not made when a mount wants them. Reloaded. */
  readonly neededMountSources?: readonly string[];
  /** `[crio.runtime] allowed_devices`: those that the annotation `devices.crio.io` may ask for. Reloaded. */
  readonly allowedDevices?: readonly string[];
  /** `[crio.runtime] log_level`: `error`, `warn`, `info` or, for each call, `debug`. Default `info`. Reloaded. */
  readonly logLevel?: string;
  /** `[crio.runtime] log_filter`: a regular expression; only what it matches is said. Reloaded. */
  readonly logFilter?: string;
  /** `[crio.runtime] cdi_spec_dirs`. */
  readonly cdiSpecDirs?: readonly string[];
  /** `[crio.runtime] conmon`. */
  readonly conmonPath?: string;
  /** `[crio.runtime] seccomp_profile`: file in place of the default filter of system calls. Reloaded. */
  readonly seccompProfile?: string;
  /** `[crio.runtime] apparmor_profile`: in place of `crio-default`, or `unconfined`. Reloaded. */
  readonly apparmorProfile?: string;
  /** `[crio.runtime] decryption_keys_path`: folder of private keys, with which layers are decrypted. Reloaded. */
  readonly decryptionKeysPath?: string;
  /** `[crio.runtime] default_env`: `NAME=value`, for each container that does not set it. Reloaded. */
  readonly defaultEnv?: readonly string[];
  /** `[crio.runtime] read_only`: root file systems of containers are. Default false. Reloaded. */
  readonly readOnly?: boolean;
  /** `[crio.runtime] log_size_max`: bytes after which a log is begun anew; less than 8192 is no limit. Reloaded. */
  readonly logSizeMax?: number;
  /** `[crio.runtime] pids_limit`: of a container; 0 or less is no limit. Reloaded. */
  readonly pidsLimit?: number;
  /** `[crio.runtime] default_capabilities`: in place of those that containers have by default. Reloaded. */
  readonly defaultCapabilities?: readonly string[];
  /** `[crio.runtime] default_ulimits`: `nofile=1024:2048`, soft and hard. Reloaded. */
  readonly defaultUlimits?: readonly string[];
  /** `[crio.runtime] default_sysctls`: `name=value`, of pods with the namespace that has it. Reloaded. */
  readonly defaultSysctls?: readonly string[];
  /** `[crio.runtime] additional_devices`: `/dev/host:/dev/inside:rwm`, of each container. Reloaded. */
  readonly additionalDevices?: readonly string[];
  /** `[crio.image] signature_policy`: the trust policy, in place of the machine's `policy.json`. Read at each pull. */
  readonly signaturePolicy?: string;
  /** `[crio.image] global_auth_file`: credentials, in place of the usual files. Reloaded. */
  readonly globalAuthFile?: string;
  /** `[crio.image] pinned_images`: names, starts of names with `*`, or words between two `*`. Reloaded. */
  readonly pinnedImages?: readonly string[];
  /** `[crio.image] insecure_registries`: hosts, with their port. Reloaded. */
  readonly insecureRegistries?: readonly string[];
  /** `[crio.network] network_dir`. */
  readonly networkConfigDir?: string;
  /** `[crio.network] plugin_dirs`. */
  readonly networkPluginDirs?: readonly string[];
  /** `[crio.network] cni_default_network`. */
  readonly defaultNetwork?: string;
  /** `[crio.network] conf_template`, as containerd calls it. */
  readonly networkTemplate?: string;
  /** `[crio.network] builtin_plugins`: plain bridge networks are set up without the CNI programs. Default true. */
  readonly networkBuiltIn?: boolean;
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

/** As in CRI-O. */
export const defaultHooksDirs: readonly string[] = ['/usr/share/containers/oci/hooks.d'];
export const defaultAllowedDevices: readonly string[] = ['/dev/fuse', '/dev/net/tun'];
export const defaultListen = '/run/lading/ladingd.sock';
export const configFile = '/etc/lading/ladingd.conf';
export const configFolder = '/etc/lading/ladingd.conf.d';
