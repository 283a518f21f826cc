// SPDX-License-Identifier: Apache-2.0
import { options } from './parse-config.ts';
import type { Settings } from './settings.ts';

/** What holds for each request anew. */
export type Reloadable = Pick<
  Settings,
  | 'defaultRuntime'
  | 'runtimes'
  | 'runtimeRoots'
  | 'monitorPaths'
  | 'monitorEnv'
  | 'monitorCgroup'
  | 'monitorCgroups'
  | 'createTimeouts'
  | 'logLevel'
  | 'logFilter'
  | 'seccompProfile'
  | 'apparmorProfile'
  | 'decryptionKeysPath'
  | 'defaultEnv'
  | 'readOnly'
  | 'logSizeMax'
  | 'pidsLimit'
  | 'defaultCapabilities'
  | 'defaultUlimits'
  | 'defaultSysctls'
  | 'additionalDevices'
  | 'defaultAnnotations'
  | 'allowedAnnotations'
  | 'allowedDevices'
  | 'defaultMountsFile'
  | 'neededMountSources'
  | 'globalAuthFile'
  | 'pinnedImages'
  | 'insecureRegistries'
>;

const reloadable: readonly (keyof Reloadable)[] = [
  'defaultRuntime',
  'runtimes',
  'runtimeRoots',
  'monitorPaths',
  'monitorEnv',
  'monitorCgroup',
  'monitorCgroups',
  'createTimeouts',
  'logLevel',
  'logFilter',
  'seccompProfile',
  'apparmorProfile',
  'decryptionKeysPath',
  'defaultEnv',
  'readOnly',
  'logSizeMax',
  'pidsLimit',
  'defaultCapabilities',
  'defaultUlimits',
  'defaultSysctls',
  'additionalDevices',
  'defaultAnnotations',
  'allowedAnnotations',
  'allowedDevices',
  'defaultMountsFile',
  'neededMountSources',
  'globalAuthFile',
  'pinnedImages',
  'insecureRegistries',
];

/** The settings after a reload, and the keys of those that changed and need a new start. */
export function reloaded(
  before: Settings,
  now: Settings,
): { readonly settings: Settings; readonly needStart: readonly string[] } {
  const live = new Set<string>(reloadable);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const old = new Map<string, unknown>(Object.entries(before));
  const fresh = new Map<string, unknown>(Object.entries(now));
  const kept = keys.filter((key) => !live.has(key));
  const settings: Settings = Object.fromEntries([
    ...kept.flatMap((key) => (old.has(key) ? [[key, old.get(key)]] : [])),
    ...reloadable.flatMap((key) => (fresh.has(key) ? [[key, fresh.get(key)]] : [])),
  ]);
  const isSame = (key: string): boolean => JSON.stringify(old.get(key)) === JSON.stringify(fresh.get(key));
  return { settings, needStart: kept.filter((key) => !isSame(key)).map(keyOf) };
}

/** As a configuration file has it. */
function keyOf(name: string): string {
  return Object.entries(options).find(([, [setting]]) => setting === name)?.[0] ?? name;
}
