// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os';
import { Code, LadingError } from '@lading/errors';
import { normalizeArchitecture } from '@lading/image-spec';
import { cgroupVersion, processCapabilities } from '@lading/linux';
import {
  defaultLinuxSpec,
  defaultSeccomp,
  type LinuxNamespaceType,
  privileged,
  type RootfsPropagation,
  type Spec,
  withAnnotations,
  withCapabilities,
  withDevices,
  withHostname,
  withLinux,
  withMaskedPaths,
  withMounts,
  withNamespace,
  withoutNamespace,
  withProcess,
  withResources,
  withRlimits,
  withSeccomp,
  withUnmaskedPaths,
} from '@lading/oci-spec';
import type { ContainerFiles } from '../containers/files.ts';
import { containerOf } from '../names.ts';
import type { NetworkPlan } from '../network/plan-named.ts';
import { resolveUser } from '../rootfs/user.ts';
import type { NamespaceChoice } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';
import { apparmorProfile } from './apparmor.ts';
import { capabilitiesFor } from './capabilities.ts';
import { cgroupPathOf } from './cgroup-path.ts';
import { allDevices, deviceGrants, deviceRules } from './devices.ts';
import { initMount } from './init.ts';
import { clampedOomScoreAdj, rlimitsSpec } from './limits.ts';
import { fileMounts, shmMount, userMounts } from './mounts.ts';
import { withProcOptions } from './proc-options.ts';
import { resourcesSpec } from './resources.ts';
import { readSeccompProfile } from './seccomp-profile.ts';
import { systemdMounts, withSystemd } from './systemd.ts';
import { withIdMaps } from './user-namespace.ts';

/** Podman's default for /dev/shm. */
const defaultShmBytes = 65_536_000;

export interface SpecInput {
  /** Control group under which those of containers are made. */
  readonly cgroupParent: string;
  /** Path of a namespace of another container. */
  readonly namespaceOf: (ref: string, kind: 'pid' | 'ipc' | 'uts' | 'user') => Promise<string>;
  readonly record: ContainerRecord;
  readonly pod: PodRecord | undefined;
  readonly rootfs: string;
  readonly plan: NetworkPlan;
  readonly files: ContainerFiles;
  readonly cdiSpecDirs: readonly string[];
  readonly hooksDirs: readonly string[];
  /** Folder of an image that is mounted. */
  readonly imageFolder: (image: string) => string;
}

/** The runtime spec of a container whose root file system is mounted. */
export async function containerSpec(input: SpecInput): Promise<Spec> {
  const { record, rootfs, pod, files } = input;
  const { options } = record;
  const available = processCapabilities().bounding;
  const user = await resolveUser(rootfs, record.process.user, options.additionalGroups, options.groupsPolicy);
  const home = record.process.env.some((line) => line.startsWith('HOME='))
    ? []
    : [`HOME=${user.home ?? '/'}`];

  let spec = withProcess(defaultLinuxSpec(), {
    args: record.process.args,
    env: [...record.process.env, ...home],
    cwd: record.process.cwd,
    terminal: options.terminal === true,
    user: { uid: user.uid, gid: user.gid, umask: options.umask ?? 0o022, additionalGids: groupsOf(user) },
    ...(options.noNewPrivileges && { noNewPrivileges: true }),
    ...(options.oomScoreAdj !== undefined && { oomScoreAdj: await clampedOomScoreAdj(options.oomScoreAdj) }),
  });
  spec = { ...spec, root: { path: rootfs, readonly: options.readOnlyRootfs === true } };
  spec = await withNamespaces(spec, input);
  const hostIpc = choiceOf(input, 'ipc') === 'host';
  spec = withMounts(spec, [
    hostIpc
      ? { destination: '/dev/shm', type: 'bind', source: '/dev/shm', options: ['bind', 'rprivate', 'rw'] }
      : shmMount(
          choiceOf(input, 'ipc') === 'pod' ? pod?.files.shm : undefined,
          options.shmSizeBytes ?? defaultShmBytes,
        ),
    ...fileMounts(files, options),
    ...(options.systemd ? systemdMounts : []),
    ...(options.init === undefined ? [] : [initMount(options.init)]),
  ]);
  if (options.procOptions !== undefined) spec = withProcOptions(spec, options.procOptions);
  spec = withMounts(spec, await userMounts(options.mounts ?? [], input.imageFolder));
  spec = options.privileged
    ? withDevices(privileged(spec, { available }), await allDevices())
    : withCapabilities(withDefaultCapabilities(spec, options.capabilities?.defaults), {
        available,
        add: [...(options.capabilities?.add ?? []), ...(options.capabilities?.ambient ?? [])],
        ...(options.capabilities?.drop && { drop: options.capabilities.drop }),
      });
  const bounding = spec.process?.capabilities?.bounding ?? [];
  if (!options.privileged) spec = await confined(spec, options, bounding);
  spec = withProcess(spec, {
    capabilities: capabilitiesFor({
      bounding,
      added: options.capabilities?.add ?? [],
      ambient: options.capabilities?.ambient ?? [],
      uid: user.uid,
    }),
  });
  spec = withDevices(spec, await deviceGrants(options.devices ?? []));
  spec = withRlimits(spec, rlimitsSpec(options.rlimits ?? []));
  spec = withResources(spec, {
    ...resourcesSpec(options.resources ?? {}),
    devices: [...(spec.linux?.resources?.devices ?? []), ...deviceRules(options.deviceRules ?? [])],
  });
  // Those of a namespace that the pod holds were set when it was pinned.
  const sysctl = options.sysctls ?? {};
  spec = withLinux(spec, {
    cgroupsPath: cgroupPathOf(record, pod, input.cgroupParent),
    ...(Object.keys(sysctl).length > 0 && { sysctl }),
    ...(options.maskedPaths && { maskedPaths: options.maskedPaths }),
    ...(options.readonlyPaths && { readonlyPaths: options.readonlyPaths }),
    ...rootPropagation(options.mounts ?? []),
  });
  if (options.personality !== undefined) {
    spec = withLinux(spec, { personality: { domain: options.personality } });
  }
  if (options.systemd) spec = withSystemd(spec, { id: record.id, cgroupVersion: await cgroupVersion() });
  if (options.mask !== undefined) spec = withMaskedPaths(spec, options.mask);
  if (options.unmask !== undefined) spec = withUnmaskedPaths(spec, options.unmask);
  if (options.cdiDevices?.length) spec = await withCdiDevices(spec, options.cdiDevices, input.cdiSpecDirs);
  if (record.idMaps !== undefined) {
    const shared = options.namespaces?.user;
    const path = shared ? await input.namespaceOf(containerOf(shared), 'user') : pod?.namespaces.user;
    const owned = pod?.namespaces.user === undefined ? [] : Object.values(pod.namespaces);
    spec = withIdMaps(spec, record.idMaps, { path, owned });
  }
  spec = withAnnotations(spec, {
    'org.opencontainers.image.stopSignal': record.stopSignal,
    ...options.annotations,
  });
  return input.hooksDirs.length === 0 ? spec : withHooksOf(spec, input);
}

/** Loaded by who has a folder of hooks. */
async function withHooksOf(spec: Spec, { record, hooksDirs }: SpecInput): Promise<Spec> {
  const { withHookFiles } = await import('../hooks/find-hooks.ts');
  const subject = {
    annotations: spec.annotations ?? {},
    command: spec.process?.args?.[0] ?? '',
    hasBindMounts: record.options.mounts?.some(({ type }) => type === 'bind' || type === 'volume') ?? false,
  };
  return withHookFiles(spec, subject, hooksDirs);
}

function withDefaultCapabilities(spec: Spec, names: readonly string[] | undefined): Spec {
  return names === undefined ? spec : withCapabilities(spec, { drop: ['ALL'], add: names });
}

/** The group of the process is among its groups, so that it cannot get rid of one that keeps it from a file. */
function groupsOf(user: { readonly gid: number; readonly additionalGids: readonly number[] }): number[] {
  return [...new Set([user.gid, ...user.additionalGids])];
}

/** The filter of system calls and the AppArmor profile. */
async function confined(
  spec: Spec,
  options: ContainerRecord['options'],
  capabilities: readonly string[],
): Promise<Spec> {
  const { seccomp = 'default', apparmor = 'default' } = options;
  const architecture = normalizeArchitecture(process.arch);
  const profile = await apparmorProfile(apparmor);
  const named = profile === undefined ? spec : withProcess(spec, { apparmorProfile: profile });
  if (seccomp === 'unconfined') return named;
  const filter =
    seccomp === 'default'
      ? defaultSeccomp({ capabilities, architecture })
      : await readSeccompProfile(seccomp.path, { capabilities, architecture, kernel: release() });
  return withSeccomp(named, filter);
}

/** Few containers have one: what reads their files is not loaded for the others. */
async function withCdiDevices(
  spec: Spec,
  names: readonly string[],
  folders: readonly string[],
): Promise<Spec> {
  const [{ findCdiDevices }, { applyCdiEdits }] = await Promise.all([
    import('../cdi/find-devices.ts'),
    import('../cdi/apply-edits.ts'),
  ]);
  return applyCdiEdits(spec, await findCdiDevices(names, folders));
}

type Kind = 'pid' | 'ipc' | 'uts' | 'cgroup';

/** What the options say of a namespace, with the defaults filled in. */
function choiceOf({ record, pod, plan }: SpecInput, kind: Kind): NamespaceChoice {
  const given = record.options.namespaces?.[kind];
  // The host's network with a host name of one's own would only confuse.
  const alone: NamespaceChoice =
    kind === 'uts' && plan.kind === 'host' && record.options.hostname === undefined ? 'host' : 'private';
  const ofPod = pod && kind !== 'cgroup' ? choiceOfPod(pod, kind) : undefined;
  const choice = given ?? ofPod ?? alone;
  if (choice !== 'pod') return choice;
  if (pod === undefined) throw new LadingError(Code.InvalidArgument, `${kind} namespace "pod" needs a pod`);
  return ofPod ?? 'private';
}

/** What a pod's containers have by default; `pod` only for a namespace that the pod holds. */
function choiceOfPod(pod: PodRecord, kind: 'pid' | 'ipc' | 'uts'): NamespaceChoice {
  const choice = pod.options.namespaces?.[kind] ?? (kind === 'pid' ? 'private' : 'pod');
  return choice === 'pod' && pod.namespaces[kind] === undefined ? 'host' : choice;
}

async function withNamespaces(spec: Spec, input: SpecInput): Promise<Spec> {
  const { plan, pod, record } = input;
  let result = spec;
  if (plan.kind === 'host') result = withoutNamespace(result, 'network');
  if (plan.kind === 'path' && plan.path !== undefined) {
    result = withNamespace(result, { type: 'network', path: plan.path });
  }
  let ownUts = true;
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup'] as const) {
    const choice = choiceOf(input, kind);
    const type: LinuxNamespaceType = kind;
    if (kind === 'uts') ownUts = choice === 'private';
    if (choice === 'host') result = withoutNamespace(result, type);
    else if (choice === 'private') {
      // On v1 a cgroup namespace would hide nothing that the read-only mount does not.
      if (kind !== 'cgroup' || (await cgroupVersion()) === 2) result = withNamespace(result, { type });
    } else {
      const path = await pathOf(choice, kind);
      if (path !== undefined) result = withNamespace(result, { type, path });
    }
  }
  return ownUts ? withHostname(result, record.options.hostname ?? record.id.slice(0, 12)) : result;

  async function pathOf(choice: NamespaceChoice, kind: Kind): Promise<string | undefined> {
    if (choice === 'pod') return kind === 'cgroup' ? undefined : pod?.namespaces[kind];
    if (choice.startsWith('ns:')) return choice.slice(3);
    if (kind === 'cgroup')
      throw new LadingError(Code.Unimplemented, 'joining the cgroup namespace of a container');
    return input.namespaceOf(containerOf(choice), kind);
  }
}

/** A mount that takes part in propagation needs a root that does. */
function rootPropagation(mounts: NonNullable<ContainerRecord['options']['mounts']>): {
  rootfsPropagation?: RootfsPropagation;
} {
  const options = new Set(mounts.flatMap((mount) => mount.options ?? []));
  if (options.has('rshared') || options.has('shared')) return { rootfsPropagation: 'rshared' };
  if (options.has('rslave') || options.has('slave')) return { rootfsPropagation: 'rslave' };
  return {};
}
