// SPDX-License-Identifier: Apache-2.0
import type { DnsOptions, IdMaps, PortMapping } from './container-options.ts';
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
  /** Default `pod`; `host` shares that of the host. `pid` default `private`: one a container; `pod` takes a small process. */
  readonly namespaces?: {
    readonly pid?: 'private' | 'host' | 'pod';
    readonly ipc?: 'pod' | 'host';
    readonly uts?: 'pod' | 'host';
  };
  /** A user namespace that owns those of the pod, and in which its containers are. Default: the ids of the host. */
  readonly idMaps?: IdMaps;
  readonly portMappings?: readonly PortMapping[];
  readonly dns?: DnsOptions;
  readonly extraHosts?: readonly { readonly hostname: string; readonly ip: string }[];
  /** CNI_ARGS, such as K8S_POD_NAME. */
  readonly cniArgs?: Readonly<Record<string, string>>;
  readonly cgroupParent?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly shmSizeBytes?: number;
  /** Runtime handler of its containers. */
  readonly runtime?: string;
  /** The caller's own JSON; kept, never read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

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
}

/** Pods. `ref` is a full id, a unique prefix of one, or a name. */
export interface Pods {
  /** @throws AlreadyExists when the name is taken, Unimplemented for a shared pid namespace on a rare kind of machine */
  run(options: PodOptions, call?: CallOptions): Promise<PodInfo>;
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
  list(options?: { readonly labels?: Readonly<Record<string, string>> }): Promise<readonly PodInfo[]>;
  inspect(ref: string): Promise<PodInfo>;
  exists(ref: string): Promise<boolean>;
}
