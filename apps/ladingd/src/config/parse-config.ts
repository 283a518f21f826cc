// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { parse, TomlError } from 'smol-toml';
import { isElsewhere, isMet } from './refuse-config.ts';
import type { Settings } from './settings.ts';
import { describeUnknown, type UnknownKey } from './unknown-keys.ts';

/** What one file says, and its keys that this daemon does not know. */
export interface ParsedConfig {
  readonly settings: Settings;
  readonly unknown: readonly UnknownKey[];
}

type Kind = 'string' | 'strings' | 'folders' | 'boolean' | 'integer';

/** Options by their place in CRI-O's TOML. */
export const options: Readonly<Record<string, readonly [keyof Settings, Kind]>> = {
  'crio.root': ['graphRoot', 'string'],
  'crio.runroot': ['runRoot', 'string'],
  'crio.api.listen': ['listen', 'string'],
  'crio.api.stream_address': ['streamAddress', 'string'],
  'crio.api.stream_port': ['streamPort', 'string'],
  'crio.api.stream_enable_tls': ['streamTls', 'boolean'],
  'crio.api.stream_tls_cert': ['streamCert', 'string'],
  'crio.api.stream_tls_key': ['streamKey', 'string'],
  'crio.api.stream_idle_timeout': ['streamIdleTimeout', 'string'],
  'crio.runtime.default_runtime': ['defaultRuntime', 'string'],
  'crio.runtime.log_level': ['logLevel', 'string'],
  'crio.runtime.log_filter': ['logFilter', 'string'],
  'crio.runtime.cdi_spec_dirs': ['cdiSpecDirs', 'folders'],
  'crio.runtime.conmon': ['conmonPath', 'string'],
  'crio.runtime.hooks_dir': ['hooksDirs', 'folders'],
  'crio.runtime.default_mounts_file': ['defaultMountsFile', 'string'],
  'crio.runtime.absent_mount_sources_to_reject': ['neededMountSources', 'strings'],
  'crio.runtime.allowed_devices': ['allowedDevices', 'strings'],
  'crio.runtime.seccomp_profile': ['seccompProfile', 'string'],
  'crio.runtime.apparmor_profile': ['apparmorProfile', 'string'],
  'crio.runtime.decryption_keys_path': ['decryptionKeysPath', 'string'],
  'crio.runtime.default_env': ['defaultEnv', 'strings'],
  'crio.runtime.read_only': ['readOnly', 'boolean'],
  'crio.runtime.log_size_max': ['logSizeMax', 'integer'],
  'crio.runtime.pids_limit': ['pidsLimit', 'integer'],
  'crio.runtime.default_capabilities': ['defaultCapabilities', 'strings'],
  'crio.runtime.conmon_cgroup': ['monitorCgroup', 'string'],
  'crio.runtime.default_ulimits': ['defaultUlimits', 'strings'],
  'crio.runtime.default_sysctls': ['defaultSysctls', 'strings'],
  'crio.runtime.additional_devices': ['additionalDevices', 'strings'],
  'crio.image.global_auth_file': ['globalAuthFile', 'string'],
  'crio.image.signature_policy': ['signaturePolicy', 'string'],
  'crio.image.pinned_images': ['pinnedImages', 'strings'],
  'crio.image.insecure_registries': ['insecureRegistries', 'strings'],
  'crio.network.network_dir': ['networkConfigDir', 'string'],
  'crio.network.plugin_dirs': ['networkPluginDirs', 'folders'],
  'crio.network.cni_default_network': ['defaultNetwork', 'string'],
  'crio.network.conf_template': ['networkTemplate', 'string'],
  'crio.network.builtin_plugins': ['networkBuiltIn', 'boolean'],
  'crio.stats.included_pod_metrics': ['podMetrics', 'strings'],
  'crio.metrics.enable_metrics': ['metrics', 'boolean'],
  'crio.metrics.metrics_host': ['metricsHost', 'string'],
  'crio.metrics.metrics_port': ['metricsPort', 'integer'],
  'crio.metrics.metrics_socket': ['metricsSocket', 'string'],
  'crio.metrics.metrics_cert': ['metricsCert', 'string'],
  'crio.metrics.metrics_key': ['metricsKey', 'string'],
  'crio.metrics.metrics_collectors': ['metricsCollectors', 'strings'],
};

const runtimesTable = 'crio.runtime.runtimes';
const runtimeKey = /^crio\.runtime\.runtimes\.([\w-]+)(?:\.(\w+))?(?:\.(.+))?$/;

type RuntimeField =
  | 'runtime_path'
  | 'runtime_root'
  | 'monitor_path'
  | 'monitor_env'
  | 'monitor_cgroup'
  | 'container_create_timeout'
  | 'allowed_annotations';

type RuntimeSetting =
  | 'runtimes'
  | 'runtimeRoots'
  | 'monitorPaths'
  | 'monitorEnv'
  | 'monitorCgroups'
  | 'createTimeouts'
  | 'allowedAnnotations';

/** Those of a runtime, by name. */
export const runtimeFields: Readonly<Record<RuntimeField, readonly [RuntimeSetting, Kind]>> = {
  runtime_path: ['runtimes', 'string'],
  runtime_root: ['runtimeRoots', 'string'],
  monitor_path: ['monitorPaths', 'string'],
  monitor_env: ['monitorEnv', 'strings'],
  monitor_cgroup: ['monitorCgroups', 'string'],
  container_create_timeout: ['createTimeouts', 'integer'],
  allowed_annotations: ['allowedAnnotations', 'strings'],
};

/**
 * Reads a configuration file in CRI-O's form. As there, an empty string stands for the default, and a runtime
 * without a path is looked up by its name.
 *
 * @throws LadingError `invalid_argument` naming the file, and the line or the key
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const settings = new Map<string, unknown>();
  const byRuntime = new Map<string, Map<string, unknown>>();
  const ofRuntime = (setting: string): Map<string, unknown> => {
    const known = byRuntime.get(setting) ?? new Map();
    byRuntime.set(setting, known);
    return known;
  };
  const unknown: string[] = [];
  for (const [key, value] of leaves(readToml(text, file))) {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    const [, handler, field, inner] = runtimeKey.exec(key) ?? [];
    const runtimes = handler === undefined ? undefined : ofRuntime('runtimes');
    if (handler !== undefined && runtimes?.has(handler) === false) runtimes.set(handler, handler);
    if (value === emptyTable) continue;
    if (isTableName(key)) throw new LadingError(Code.InvalidArgument, `${file}: ${key} must be a table`);
    if (isElsewhere(key, value)) {
      if (value !== '') unknown.push(key);
    } else if (option !== undefined) {
      const given = checked(value, option[1], key, file);
      if (given !== '') settings.set(option[0], given);
    } else if (handler !== undefined && isRuntimeField(field) && inner === undefined) {
      const [setting, kind] = runtimeFields[field];
      const given = checked(value, kind, key, file);
      if (given !== '') ofRuntime(setting).set(handler, given);
    } else if (handler !== undefined && field === 'default_annotations' && inner !== undefined) {
      const all = ofRuntime('defaultAnnotations');
      const annotations = all.get(handler);
      const known = annotations instanceof Map ? annotations : new Map<string, string>();
      all.set(handler, known.set(inner, String(checked(value, 'string', key, file))));
    } else if (!isMet(key, value, file)) {
      unknown.push(key);
    }
  }
  for (const [setting, values] of byRuntime) settings.set(setting, plain(values));
  return {
    settings: Object.fromEntries(settings),
    unknown: describeUnknown(unknown, text, Object.keys(options)),
  };
}

/** Of one that a file may have: a value in its place is a slip that would leave all of the table out. */
function isTableName(key: string): boolean {
  const [, handler, field] = runtimeKey.exec(key) ?? [];
  if (handler !== undefined) return field === undefined;
  return Object.keys(options).some((option) => option.startsWith(`${key}.`)) || key === runtimesTable;
}

function isRuntimeField(field: string | undefined): field is keyof typeof runtimeFields {
  return field !== undefined && Object.hasOwn(runtimeFields, field);
}

function plain(values: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries(
    [...values].map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

function readToml(text: string, file: string): object {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new LadingError(Code.InvalidArgument, `${file}:${error.line}: ${error.message.split('\n')[0]}`, {
      cause: error,
    });
  }
}

/** Stands for a table in which nothing is set; that it is there may say enough. */
const emptyTable = Symbol();

function* leaves(table: object, prefix = ''): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(table)) {
    const isTable =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    if (isTable && Object.keys(value).length === 0) yield [`${prefix}${key}`, emptyTable];
    else if (isTable) yield* leaves(value, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, value];
  }
}

const kinds: Readonly<Record<Kind, readonly [fits: (value: unknown) => boolean, name: string]>> = {
  string: [(value) => typeof value === 'string', 'a string'],
  strings: [isStrings, 'a list of strings'],
  // Others would lead somewhere else, or nowhere, by where the daemon is started: hooks would not run, and nobody would know.
  folders: [
    (value) => isStrings(value) && value.every((path) => isAbsolute(path)),
    'a list of absolute paths, such as ["/etc/folder"]',
  ],
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  integer: [(value) => Number.isSafeInteger(value), 'a whole number'],
};

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function checked(value: unknown, kind: Kind, key: string, file: string): unknown {
  const [fits, name] = kinds[kind];
  if (fits(value)) return value;
  throw new LadingError(Code.InvalidArgument, `${file}: ${key} must be ${name}`);
}
