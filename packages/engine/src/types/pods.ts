// SPDX-License-Identifier: Apache-2.0
import type { AutoIdMaps } from '@lading/storage';
import type {
  ContainerOptions,
  DnsOptions,
  IdMaps,
  NamespaceChoice,
  NetworkChoice,
  PortMapping,
  ResourceLimits,
} from './container-options.ts';
import type { CallOptions, RemoveOptions, StopOptions } from './containers.ts';
import type { NetworkAttachment } from './network.ts';

/** A group of containers that share namespaces. */
export interface PodOptions {
  readonly name?: string;
  /** Default: the pod's name. */
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `host`, `none`, `default`, or the name of a CNI network. Default `default`. */
  readonly network?: string;
  /** CNI networks with what is asked of them, in place of `network`. */
  readonly networks?: readonly NetworkChoice[];
  /**
   * What its containers have where they do not say. `pod` is one that the pod holds, `private` one for each container.
   * Default `pod`, but for `pid`: `private`; a pid namespace of the pod takes a small process.
   */
  readonly namespaces?: {
    /** `private` needs no network of the pod. */
    readonly net?: 'pod' | 'private';
    readonly pid?: NamespaceChoice;
    readonly ipc?: NamespaceChoice;
    readonly uts?: NamespaceChoice;
  };
  /** A user namespace that owns those of the pod, and in which its containers are. Default: the ids of the host. */
  readonly idMaps?: IdMaps;
  /** Has the store choose `idMaps`, which no other container or pod has; the record says which. */
  readonly autoIdMaps?: AutoIdMaps;
  readonly portMappings?: readonly PortMapping[];
  readonly dns?: DnsOptions;
  readonly extraHosts?: readonly { readonly hostname: string; readonly ip: string }[];
  /** CNI_ARGS, such as K8S_POD_NAME. */
  readonly cniArgs?: Readonly<Record<string, string>>;
  readonly cgroupParent?: string;
  /**
   * What its containers may use together, by a control group of the pod under `cgroupParent`, which theirs are under. `{}`
   * for the group alone. Default: no group of the pod.
   */
  readonly resources?: ResourceLimits;
  /** What its containers have where their own options say nothing; mounts where no mount of their own is. */
  readonly containerDefaults?: PodContainerDefaults;
  /** `stop`: stop the pod when the last of its containers that run has ended. Default `continue`. */
  readonly exitPolicy?: 'continue' | 'stop';
  /** Where the id of the monitor of its process is written. Only of a pod that has one, by `pid`. */
  readonly monitorPidFile?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly shmSizeBytes?: number;
  /** Runtime handler of its containers. */
  readonly runtime?: string;
  /** The caller's own JSON; kept, never read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Options of containers that a pod can have for all of its own. */
export type PodContainerDefaults = Pick<
  ContainerOptions,
  | 'apparmor'
  | 'devices'
  | 'keepHosts'
  | 'mask'
  | 'mounts'
  | 'noNewPrivileges'
  | 'procOptions'
  | 'seccomp'
  | 'unmask'
>;

/** What is on disk of a pod: `<stateDir>/pods/<id>.json`. */
export interface PodRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly createdAt: string;
  readonly options: PodOptions;
  readonly bootId: string;
  /** Pinned namespaces; a kind left out is the host's. */
  readonly namespaces: {
    readonly net?: string;
    readonly ipc?: string;
    readonly uts?: string;
    readonly pid?: string;
    readonly user?: string;
  };
  /** The process that holds the pid namespace which its containers share. */
  readonly infra?: {
    readonly pid: number;
    readonly monitorPid: number;
    /** Start time of `pid` in the kernel's ticks. */
    readonly pidStartTicks?: string;
  };
  readonly networks: readonly NetworkAttachment[];
  /** Files and folders that its containers share; under the runtime folder. */
  readonly files: {
    readonly resolvConf: string;
    readonly hosts: string;
    readonly hostname: string;
    readonly shm?: string;
  };
  /** Missing while it is being made, or when that broke off. */
  readonly readyAt?: string;
  /** Set when it was stopped: nothing of it is held any more. */
  readonly stoppedAt?: string;
}

export interface PodInfo extends PodRecord {
  /** `ready` while its namespaces are held. */
  readonly status: 'ready' | 'notready';
  readonly containerIds: readonly string[];
  /** Its own control group, when its options have `resources`. */
  readonly cgroupPath?: string;
}

export interface PodRunOptions extends CallOptions {
  /** False: write it down alone. It can have containers, and {@link Pods.start} takes what it needs. Default true. */
  readonly start?: boolean;
}

/** Pods. `ref` is a full id, a unique prefix of one, or a name. */
export interface Pods {
  /** @throws AlreadyExists when the name is taken, Unimplemented for a shared pid namespace on a rare kind of machine */
  run(options: PodOptions, call?: PodRunOptions): Promise<PodInfo>;
  /** Makes a pod ready again that was stopped, or ran before a reboot; starts no container. Any number of times. */
  start(ref: string, call?: CallOptions): Promise<PodInfo>;
  /** Stops its containers and gives up network and namespaces. Any number of times. */
  stop(ref: string, options?: StopOptions): Promise<PodInfo>;
  /** @throws FailedPrecondition when containers are in it and `force` is not given */
  remove(ref: string, options?: RemoveOptions): Promise<void>;
  /** Replaces the caller's own JSON. */
  setMetadata(
    ref: string,
    metadata: NonNullable<PodOptions['metadata']>,
    call?: CallOptions,
  ): Promise<PodInfo>;
  /** A pod of which nothing has changed is the same object as in the list before. */
  list(options?: { readonly labels?: Readonly<Record<string, string>> }): Promise<readonly PodInfo[]>;
  inspect(ref: string): Promise<PodInfo>;
  exists(ref: string): Promise<boolean>;
}
