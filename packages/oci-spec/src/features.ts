// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  type DocumentInput,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  pattern,
  satisfies,
  string,
  strings,
} from '@lading/document';
import { ociVersion } from './spec.ts';

/** Whether the runtime was built with something; absent means unknown. */
export interface FeatureSwitch {
  /** OPTIONAL. Whether it was built in. */
  readonly enabled?: boolean;
}

export interface CgroupFeatures {
  /** OPTIONAL. cgroup v1. */
  readonly v1?: boolean;
  /** OPTIONAL. cgroup v2. */
  readonly v2?: boolean;
  /** OPTIONAL. Through the systemd of the system. */
  readonly systemd?: boolean;
  /** OPTIONAL. Through the systemd of a user. */
  readonly systemdUser?: boolean;
  /** OPTIONAL. The RDMA controller. */
  readonly rdma?: boolean;
}

export interface SeccompFeatures extends FeatureSwitch {
  /** OPTIONAL. `SCMP_ACT_ALLOW`, … */
  readonly actions?: readonly string[];
  /** OPTIONAL. `SCMP_CMP_EQ`, … */
  readonly operators?: readonly string[];
  /** OPTIONAL. `SCMP_ARCH_X86_64`, … */
  readonly archs?: readonly string[];
  /** OPTIONAL. Flags that the runtime knows by name. */
  readonly knownFlags?: readonly string[];
  /** OPTIONAL. Of those, the ones that work here. */
  readonly supportedFlags?: readonly string[];
}

export interface IntelRdtFeatures extends FeatureSwitch {
  /** OPTIONAL. Whether it knows `linux.intelRdt.schemata`. */
  readonly schemata?: boolean;
  /** OPTIONAL. Whether it knows `linux.intelRdt.enableMonitoring`. */
  readonly monitoring?: boolean;
}

export interface LinuxFeatures {
  /** OPTIONAL. Names as in the spec's section of Linux. Absent means unknown. */
  readonly namespaces?: readonly string[];
  /** OPTIONAL. `CAP_CHOWN`, … */
  readonly capabilities?: readonly string[];
  /** OPTIONAL. Versions and drivers of cgroups. */
  readonly cgroup?: CgroupFeatures;
  /** OPTIONAL. Words of filters. */
  readonly seccomp?: SeccompFeatures;
  /** OPTIONAL. AppArmor profiles. */
  readonly apparmor?: FeatureSwitch;
  /** OPTIONAL. SELinux labels. */
  readonly selinux?: FeatureSwitch;
  /** OPTIONAL. Cache and memory bandwidth. */
  readonly intelRdt?: IntelRdtFeatures;
  /** OPTIONAL. Words of memory policies. */
  readonly memoryPolicy?: { readonly modes?: readonly string[]; readonly flags?: readonly string[] };
  /** OPTIONAL. Mounts beyond mount(2). */
  readonly mountExtensions?: { readonly idmap?: FeatureSwitch };
  /** OPTIONAL. Network devices that move into the container. */
  readonly netDevices?: FeatureSwitch;
}

/**
 * What a runtime can do, as `runc features` prints it. Says nothing of the kernel.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/features.md
 */
export interface Features {
  /** REQUIRED: oldest version of a spec that it takes. */
  readonly ociVersionMin: string;
  /** REQUIRED: newest. */
  readonly ociVersionMax: string;
  /** OPTIONAL. Names of the hooks that it runs. */
  readonly hooks?: readonly string[];
  /** OPTIONAL. Words that it knows in the options of mounts. */
  readonly mountOptions?: readonly string[];
  /** OPTIONAL. Of Linux. */
  readonly linux?: LinuxFeatures;
  /** OPTIONAL. Free data, as the version of the runtime. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** OPTIONAL. Annotations of a spec that change what the runtime does; an entry that ends in a dot is a prefix. */
  readonly potentiallyUnsafeConfigAnnotations?: readonly string[];
}

const enabled = object<FeatureSwitch>({ enabled: boolean });

const linux = object<LinuxFeatures>({
  namespaces: strings,
  capabilities: list(pattern('CAP_ and a name', /^CAP_[A-Z_]+$/)),
  cgroup: object<CgroupFeatures>({
    v1: boolean,
    v2: boolean,
    systemd: boolean,
    systemdUser: boolean,
    rdma: boolean,
  }),
  seccomp: object<SeccompFeatures>({
    enabled: boolean,
    actions: strings,
    operators: strings,
    archs: strings,
    knownFlags: strings,
    supportedFlags: strings,
  }),
  apparmor: enabled,
  selinux: enabled,
  intelRdt: object<IntelRdtFeatures>({ enabled: boolean, schemata: boolean, monitoring: boolean }),
  memoryPolicy: object({ modes: strings, flags: strings }),
  mountExtensions: object({ idmap: enabled }),
  netDevices: enabled,
});

const features = object<Features>(
  {
    ociVersionMin: ociVersion,
    ociVersionMax: ociVersion,
    hooks: strings,
    mountOptions: strings,
    linux,
    annotations: map(string),
    potentiallyUnsafeConfigAnnotations: strings,
  },
  ['ociVersionMin', 'ociVersionMax'],
);

/** True for features that satisfy the specification as they stand. */
export function isFeatures(value: unknown): value is Features {
  return satisfies(features, value);
}

/**
 * Reads what `runc features` prints. Words that a newer runtime may add (of namespaces, of seccomp) are taken.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault, as in `features.linux.cgroup.v2`;
 * `resource_exhausted` beyond `maxBytes`
 */
export function parseFeatures(input: DocumentInput, options?: ParseOptions): Features {
  return parseDocument('features', features, input, options);
}
