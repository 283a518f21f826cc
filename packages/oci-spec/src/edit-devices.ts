// SPDX-License-Identifier: Apache-2.0
import { withLinux } from './edit-linux.ts';
import { withResources } from './edit-resources.ts';
import type { LinuxDevice } from './linux.ts';
import type { DeviceCgroup } from './linux-resources.ts';
import type { Spec } from './spec.ts';

/** A device node and what the container may do with it: of `rwm`, all by default. */
export interface DeviceGrant extends LinuxDevice {
  /** Of `r` read, `w` write, `m` mknod. */
  readonly access?: string;
}

/** Adds device nodes and allows their use; one of a path that is there replaces it. */
export function withDevices(spec: Spec, grants: readonly DeviceGrant[]): Spec {
  const byPath = new Map(grants.map((grant) => [grant.path, grant]));
  const cleared = withoutDevices(spec, [...byPath.keys()]);
  const nodes = [...byPath.values()].map(({ access: _, ...device }) => device);
  const rules = [...byPath.values()].flatMap((grant) => ruleOf(grant) ?? []);
  const devices = [...(cleared.linux?.devices ?? []), ...nodes];
  return withDeviceRules(withLinux(cleared, { devices }), rules);
}

/** Takes device nodes away, and the rules that allow exactly them. */
export function withoutDevices(spec: Spec, paths: readonly string[]): Spec {
  const before = spec.linux?.devices ?? [];
  const devices = before.filter(({ path }) => !paths.includes(path));
  if (devices.length === before.length) return spec;
  const kept = new Set(devices.map(keyOf));
  const gone = before.filter((device) => paths.includes(device.path) && !kept.has(keyOf(device)));
  const rules = spec.linux?.resources?.devices?.filter(
    (rule) => !rule.allow || !gone.some((device) => keyOf(device) === keyOf(rule)),
  );
  const without = withLinux(spec, { devices });
  return rules === undefined ? without : withResources(without, { devices: rules });
}

/** Adds rules of what may be done with which devices; the last rule that fits a device wins. */
export function withDeviceRules(spec: Spec, rules: readonly DeviceCgroup[]): Spec {
  return withResources(spec, { devices: [...(spec.linux?.resources?.devices ?? []), ...rules] });
}

function ruleOf({ type, major, minor, access = 'rwm' }: DeviceGrant): DeviceCgroup | undefined {
  // A FIFO is no device to a cgroup.
  if (type === 'p' || major === undefined || minor === undefined) return undefined;
  return { allow: true, type: typeOf(type), major, minor, access };
}

function keyOf({ type, major, minor }: Pick<DeviceCgroup, 'type' | 'major' | 'minor'>): string {
  return `${typeOf(type)} ${major}:${minor}`;
}

/** To a cgroup an unbuffered character device is one like the others. */
function typeOf(type: string | undefined): string {
  return type === 'u' ? 'c' : (type ?? 'a');
}
