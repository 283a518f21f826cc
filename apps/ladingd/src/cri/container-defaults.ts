// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, DeviceMapping, PodOptions, Rlimit } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import type { Reloadable } from '../config/reloadable.ts';

/** conmon takes no less for the size of a log. */
const leastLogBytes = 8192;

/**
 * Options with what the configuration says of all containers; the request wins.
 *
 * @param runtime of the pod, for what is said of those of one runtime
 */
export function withDefaults(
  options: ContainerOptions,
  settings: Reloadable,
  runtime = '',
): ContainerOptions {
  const { seccompProfile, defaultEnv = [], readOnly, logSizeMax = -1, pidsLimit = 0 } = settings;
  const { apparmorProfile, defaultCapabilities, defaultUlimits = [], additionalDevices = [] } = settings;
  const annotations = settings.defaultAnnotations?.[runtime];
  const isDefault = options.seccomp === undefined || options.seccomp === 'default';
  return {
    ...options,
    ...(defaultEnv.length > 0 && {
      env: { ...Object.fromEntries(defaultEnv.map(parseAssignment)), ...options.env },
    }),
    ...(readOnly && { readOnlyRootfs: true }),
    ...(logSizeMax >= leastLogBytes && { logSizeMaxBytes: logSizeMax }),
    ...(pidsLimit > 0 && { resources: { pidsLimit, ...options.resources } }),
    ...(isDefault && seccompProfile !== undefined && { seccomp: { path: seccompProfile } }),
    ...(options.apparmor === undefined && apparmorProfile !== undefined && apparmorOf(apparmorProfile)),
    ...(defaultCapabilities && {
      capabilities: { ...options.capabilities, defaults: defaultCapabilities },
    }),
    ...(defaultUlimits.length > 0 && { rlimits: defaultUlimits.map(parseUlimit) }),
    ...(additionalDevices.length > 0 && {
      devices: [...additionalDevices.map((text) => parseDevice(text)), ...(options.devices ?? [])],
    }),
    ...(annotations && { annotations: { ...annotations, ...options.annotations } }),
  };
}

function apparmorOf(profile: string): Pick<ContainerOptions, 'apparmor'> {
  if (profile === 'unconfined') return { apparmor: 'unconfined' };
  // CRI-O makes that one itself where it is not there; here it counts where somebody has loaded it.
  return profile === 'crio-default' ? {} : { apparmor: { profile, ifEnabled: true } };
}

/** The same of pods. A parameter of a namespace that the pod does not have is left out: it would be that of the node. */
export function withPodDefaults(options: PodOptions, { defaultSysctls = [] }: Reloadable): PodOptions {
  const wanted = defaultSysctls.map(parseAssignment).filter(([name]) => {
    if (/^net[./]/.test(name)) return options.network !== 'host';
    return options.namespaces?.ipc !== 'host';
  });
  if (wanted.length === 0) return options;
  return { ...options, sysctls: { ...Object.fromEntries(wanted), ...options.sysctls } };
}

export function parseAssignment(line: string): [name: string, value: string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

/** `nofile=1024:2048`, or one number for both; -1 is no limit. */
function parseUlimit(text: string): Rlimit {
  const [, type, soft, hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (type === undefined) throw wrong('crio.runtime.default_ulimits', text, 'name=soft:hard');
  return { type, soft: Number(soft), hard: Number(hard) };
}

/** `/dev/host`, `/dev/host:/dev/inside`, `/dev/host:rwm` or all three. */
export function parseDevice(text: string, where = 'crio.runtime.additional_devices'): DeviceMapping {
  const [hostPath = '', second, third, ...rest] = text.split(':');
  const isPlace = second?.startsWith('/') ?? true;
  const permissions = third ?? (isPlace ? 'rwm' : second);
  const isRight = hostPath.startsWith('/dev/') && /^[rwm]+$/.test(permissions ?? '') && rest.length === 0;
  if (!isRight || (third !== undefined && !isPlace)) {
    throw wrong(where, text, '/dev/host:/dev/inside:rwm');
  }
  return {
    hostPath,
    containerPath: isPlace ? (second ?? hostPath) : hostPath,
    permissions: permissions ?? 'rwm',
  };
}

function wrong(where: string, text: string, form: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `${where}: ${JSON.stringify(text)} is not of the form ${form}`,
  );
}

/** @throws LadingError `invalid_argument` for a line that is not of its form: now, and not with each container */
export function checkDefaults(settings: Reloadable): void {
  withDefaults({ image: '' }, settings);
  for (const [key, lines = []] of [
    ['crio.runtime.default_env', settings.defaultEnv],
    ['crio.runtime.default_sysctls', settings.defaultSysctls],
  ] as const) {
    // A variable may be empty and be written without the sign.
    const isWrong = (line: string): boolean =>
      key === 'crio.runtime.default_env' ? /^(?:=|$)/.test(line) : !/^[\w./-]+=./.test(line);
    const strange = lines.find(isWrong);
    if (strange !== undefined) throw wrong(key, strange, 'name=value');
  }
}
