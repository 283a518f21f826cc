// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  type DocumentInput,
  map,
  object,
  type ParseOptions,
  parseDocument,
  string,
  strings,
} from '@lading/document';
import { ociVersion } from './spec.ts';

/** Whether the runtime was built with something; absent means unknown. */
export interface FeatureSwitch {
  readonly enabled?: boolean;
}

export interface CgroupFeatures {
  readonly v1?: boolean;
  readonly v2?: boolean;
  readonly systemd?: boolean;
  readonly systemdUser?: boolean;
  readonly rdma?: boolean;
}

export interface SeccompFeatures extends FeatureSwitch {
  readonly actions?: readonly string[];
  readonly operators?: readonly string[];
  readonly archs?: readonly string[];
  /** Flags that the runtime knows by name. */
  readonly knownFlags?: readonly string[];
  /** Of those, the ones that work here. */
  readonly supportedFlags?: readonly string[];
}

export interface IntelRdtFeatures extends FeatureSwitch {
  readonly schemata?: boolean;
  readonly monitoring?: boolean;
}

export interface LinuxFeatures {
  /** Names as in the spec's section of Linux. Absent means unknown. */
  readonly namespaces?: readonly string[];
  /** `CAP_CHOWN`, … */
  readonly capabilities?: readonly string[];
  readonly cgroup?: CgroupFeatures;
  readonly seccomp?: SeccompFeatures;
  readonly apparmor?: FeatureSwitch;
  readonly selinux?: FeatureSwitch;
  readonly intelRdt?: IntelRdtFeatures;
  readonly memoryPolicy?: { readonly modes?: readonly string[]; readonly flags?: readonly string[] };
  readonly mountExtensions?: { readonly idmap?: FeatureSwitch };
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
  readonly hooks?: readonly string[];
  readonly mountOptions?: readonly string[];
  readonly linux?: LinuxFeatures;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of a spec that change what the runtime does; an entry that ends in a dot is a prefix. */
  readonly potentiallyUnsafeConfigAnnotations?: readonly string[];
}

const enabled = object<FeatureSwitch>({ enabled: boolean });

const linux = object<LinuxFeatures>({
  namespaces: strings,
  capabilities: strings,
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

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `features.linux.cgroup.v2` */
export function parseFeatures(input: DocumentInput, options?: ParseOptions): Features {
  return parseDocument('features', features, input, options);
}
