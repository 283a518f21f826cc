// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, PodOptions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import type { Reloadable } from '../config/reloadable.ts';
import { defaultAllowedDevices } from '../config/settings.ts';
import { parseDevice } from './container-defaults.ts';

/** What the annotations of a pod can ask for, by their names of today and of former days in CRI-O. */
const names = {
  devices: ['devices.crio.io', 'io.kubernetes.cri-o.Devices'],
  shmSize: ['shm-size.crio.io', 'io.kubernetes.cri-o.ShmSize'],
  umask: ['umask.crio.io', 'io.kubernetes.cri-o.umask'],
  unified: ['unified-cgroup.crio.io', 'io.kubernetes.cri-o.UnifiedCgroup'],
} as const;

type Annotations = Readonly<Record<string, string>>;

/** The value of an annotation, when the configuration lets pods of this runtime have it. */
function allowedValue(
  what: keyof typeof names,
  annotations: Annotations,
  allowed: readonly string[],
  suffixes: readonly string[] = [''],
): readonly [name: string, value: string] | undefined {
  if (!names[what].some((name) => allowed.includes(name))) return undefined;
  for (const name of names[what].flatMap((one) => suffixes.map((suffix) => `${one}${suffix}`))) {
    const value = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
    if (value !== undefined) return [name, value];
  }
  return undefined;
}

/**
 * Options with what annotations of the pod ask for, as far as `allowed_annotations` of its runtime lets them.
 *
 * @throws LadingError `invalid_argument` naming an annotation of another form, `permission_denied` for a device that
 * `allowed_devices` does not have
 */
export function withAllowedAnnotations(
  options: ContainerOptions,
  settings: Reloadable,
  { runtime, annotations, container }: { runtime: string; annotations: Annotations; container: string },
): ContainerOptions {
  const allowed = settings.allowedAnnotations?.[runtime] ?? [];
  if (allowed.length === 0) return options;
  const devices = allowedValue('devices', annotations, allowed);
  const umask = allowedValue('umask', annotations, allowed);
  const unified = allowedValue('unified', annotations, allowed, [`/${container}`, `.${container}`]);
  return {
    ...options,
    ...(devices && {
      devices: [...(options.devices ?? []), ...devicesOf(...devices, settings.allowedDevices)],
    }),
    ...(umask && { umask: umaskOf(...umask) }),
    ...(unified && {
      resources: {
        ...options.resources,
        unified: { ...options.resources?.unified, ...assignmentsOf(...unified) },
      },
    }),
  };
}

/** The same of a pod: the size of its /dev/shm. */
export function withAllowedPodAnnotations(
  options: PodOptions,
  settings: Reloadable,
  runtime: string,
): PodOptions {
  const allowed = settings.allowedAnnotations?.[runtime] ?? [];
  const shmSize = allowedValue('shmSize', options.annotations ?? {}, allowed);
  return shmSize === undefined ? options : { ...options, shmSizeBytes: bytesOf(...shmSize) };
}

function devicesOf(
  name: string,
  value: string,
  allowed: readonly string[] = defaultAllowedDevices,
): NonNullable<ContainerOptions['devices']> {
  const wanted = value.split(',').map((text) => parseDevice(text.trim(), `annotation ${name}`));
  for (const { hostPath } of wanted) {
    if (allowed.includes(hostPath)) continue;
    throw new LadingError(
      Code.PermissionDenied,
      `annotation ${name}: the device ${JSON.stringify(hostPath)} is not among allowed_devices of the configuration`,
    );
  }
  return wanted;
}

function umaskOf(name: string, value: string): number {
  if (/^[0-7]{1,4}$/.test(value)) return Number.parseInt(value, 8) & 0o777;
  throw wrong(name, value, 'an octal number such as 0027');
}

/** `memory.high=1000;pids.max=5` */
function assignmentsOf(name: string, value: string): Readonly<Record<string, string>> {
  const parts = value.split(';').map((part) => /^\s*([^=\s]+)=(.*?)\s*$/.exec(part));
  const pairs = parts.flatMap((part) => (part === null ? [] : [[part[1] ?? '', part[2] ?? ''] as const]));
  if (pairs.length === parts.length) return Object.fromEntries(pairs);
  throw wrong(name, value, 'key=value;key=value');
}

const units = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 } as const;

/** `64Mi`, `64m` and `67108864` are the same. */
function bytesOf(name: string, value: string): number {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,12})(?:([kmg])i?b?)?$/i.exec(value) ?? [];
  const letter = unit.toLowerCase();
  const factor = letter === 'k' || letter === 'm' || letter === 'g' ? units[letter] : units[''];
  const bytes = Number(digits) * factor;
  if (digits !== '' && Number.isSafeInteger(bytes)) return bytes;
  throw wrong(name, value, 'a size such as 64Mi');
}

function wrong(name: string, value: string, form: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `annotation ${name}: ${JSON.stringify(value.slice(0, 100))} is not ${form}`,
  );
}
