// SPDX-License-Identifier: Apache-2.0
import {
  type DeviceGrant,
  type Hooks,
  type Mount,
  type Spec,
  withAdditionalGids,
  withDevices,
  withEnv,
  withHooks,
  withLinux,
  withMounts,
} from '@lading/oci-spec';
import { deviceGrants } from '../spec/devices.ts';
import type { ContainerEdits } from './cdi-spec.ts';

type Node = NonNullable<ContainerEdits['deviceNodes']>[number];

/** A spec with what devices bring. @throws NotFound for a device node that the host does not have */
export async function applyCdiEdits(spec: Spec, all: readonly ContainerEdits[]): Promise<Spec> {
  let result = spec;
  for (const edits of all) {
    const grants = await Promise.all((edits.deviceNodes ?? []).map((node) => grantOf(node, spec)));
    result = withDevices(result, grants);
    result = withEnv(result, Object.fromEntries((edits.env ?? []).map(pairOf)));
    result = withMounts(result, (edits.mounts ?? []).map(mountOf));
    result = withAdditionalGids(
      result,
      (edits.additionalGids ?? []).filter((gid) => gid !== 0),
    );
    for (const { hookName, ...hook } of edits.hooks ?? []) {
      const hooks: Hooks = { [hookName]: [hook] };
      result = withHooks(result, hooks);
    }
    const devices = (edits.netDevices ?? []).map(({ hostInterfaceName, name }) => [
      hostInterfaceName,
      { name },
    ]);
    if (devices.length > 0) {
      const before = result.linux?.netDevices ?? {};
      result = withLinux(result, { netDevices: { ...before, ...Object.fromEntries(devices) } });
    }
  }
  return result;
}

/** What the file does not say of a node is as on the host; without an owner it is the container's user. */
async function grantOf(node: Node, spec: Spec): Promise<DeviceGrant> {
  const { path, hostPath, type, permissions, ...given } = node;
  const isWhole = type && (type === 'p' || (given.major !== undefined && given.minor !== undefined));
  const [found] = isWhole ? [] : await deviceGrants([{ hostPath: hostPath ?? path, containerPath: path }]);
  const user = spec.process?.user;
  const { uid: _uid, gid: _gid, ...host } = found ?? { path, type: type || 'c' };
  return {
    ...host,
    ...(user?.uid ? { uid: user.uid } : {}),
    ...(user?.gid ? { gid: user.gid } : {}),
    ...given,
    ...(type && { type }),
    access: permissions || 'rwm',
  };
}

function mountOf({
  hostPath,
  containerPath,
  options = [],
  type,
}: NonNullable<ContainerEdits['mounts']>[number]): Mount {
  return {
    destination: containerPath,
    source: hostPath,
    type: type || 'bind',
    options: options.length === 0 ? ['rbind', 'rprivate', 'nosuid', 'nodev'] : [...options],
  };
}

function pairOf(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
