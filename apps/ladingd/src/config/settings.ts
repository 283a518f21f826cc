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
}

export const defaultListen = '/run/lading/ladingd.sock';
export const configFile = '/etc/lading/ladingd.conf';
export const configFolder = '/etc/lading/ladingd.conf.d';
