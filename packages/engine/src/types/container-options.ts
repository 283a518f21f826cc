// SPDX-License-Identifier: Apache-2.0
import type { Platform } from '@lading/image-spec';
import type { PersonalityDomain } from '@lading/oci-spec';
import type { AutoIdMaps, IdMapping, StorageQuota } from '@lading/storage';
import type { HealthAction, HealthCheck } from './health.ts';
import type { PullPolicy } from './images.ts';
import type { ContainerSecret } from './secrets.ts';

/** A file or folder of the host, or memory, inside the container. */
export type ContainerMount =
  | {
      readonly type: 'bind';
      /** Absolute path on the host; must exist. */
      readonly source: string;
      /** Absolute path in the container; made when missing. */
      readonly target: string;
      readonly readOnly?: boolean;
      /** Read-only with all that is mounted below it. Needs `readOnly`, and a runtime and a kernel that can. */
      readonly recursiveReadOnly?: boolean;
      /** Give the folder and all in it to the container's user, on the host too. */
      readonly changeOwner?: boolean;
      /** What is written goes elsewhere, and is gone at the next start; or goes to the folders of these paths. */
      readonly overlay?: true | { readonly upper: string; readonly work: string };
      /** Shows files of these ids inside as those of the ids outside. Needs a kernel and a file system that can. */
      readonly idMaps?: IdMaps;
      /** Propagation and mount options beside `rbind`, such as `rslave`, `noexec`. Default: `rprivate`. */
      readonly options?: readonly string[];
    }
  | {
      /** A volume, filled with what the image has at the place as long as it is empty. */
      readonly type: 'volume';
      /** Made when there is none. Default: one of its own, which is removed with the container if that is asked for. */
      readonly name?: string;
      readonly target: string;
      readonly readOnly?: boolean;
      /** Leave it empty. */
      readonly noCopy?: boolean;
      readonly changeOwner?: boolean;
      readonly overlay?: true;
      readonly options?: readonly string[];
    }
  | {
      /** The files of an image, for reading only. */
      readonly type: 'image';
      /** A reference or an id of an image of the store. */
      readonly source: string;
      /** Folder or file of the image; links in it are followed inside of the image. Default: all of it. */
      readonly subPath?: string;
      readonly target: string;
      readonly readOnly?: true;
      readonly options?: readonly string[];
    }
  | {
      readonly type: 'tmpfs';
      readonly target: string;
      readonly readOnly?: boolean;
      readonly sizeBytes?: number;
      /** Default 0o1777. */
      readonly mode?: number;
      readonly options?: readonly string[];
    };

/** A port of the host that leads into the container or pod. */
export interface PortMapping {
  readonly containerPort: number;
  readonly hostPort: number;
  /** Default: all addresses of the host. */
  readonly hostIp?: string;
  /** Default `tcp`. */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
}

/** What goes into resolv.conf. Without `servers` those of the host (or of the CNI result) are used. */
export interface DnsOptions {
  readonly servers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly string[];
}

/** A number for one block device, which is looked up at each start. */
export interface BlockRate {
  readonly path: string;
  readonly rate: number;
}

/** Devices that may be used although no node of them is there, as `mknod` makes one. */
export interface DeviceRule {
  /** `a` stands for both. */
  readonly type: 'a' | 'b' | 'c';
  /** Default: every one. */
  readonly major?: number;
  readonly minor?: number;
  /** Letters of `rwm`. */
  readonly permissions: string;
}

/** Limits of a control group; each left out means no limit. */
export interface ResourceLimits {
  readonly memoryBytes?: number;
  /** Memory and swap together; -1 for no limit. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly cpuShares?: number;
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pidsLimit?: number;
  /** 0 to 100: how soon memory is swapped. cgroup v1. */
  readonly memorySwappiness?: number;
  /** Let processes wait for memory instead of killing one. cgroup v1. */
  readonly oomKillDisable?: boolean;
  /** Time of the real-time policies. cgroup v1, and a kernel that shares it out by group. */
  readonly cpuRtPeriodUs?: number;
  readonly cpuRtRuntimeUs?: number;
  /** 10 to 1000, against other control groups. */
  readonly blockWeight?: number;
  /** The same for single devices. */
  readonly blockWeights?: readonly BlockRate[];
  /** Bytes a second. */
  readonly blockReadBps?: readonly BlockRate[];
  readonly blockWriteBps?: readonly BlockRate[];
  /** Operations a second. */
  readonly blockReadIops?: readonly BlockRate[];
  readonly blockWriteIops?: readonly BlockRate[];
  /** By size of the page, as `2MB`. Without effect where the kernel does not count huge pages. */
  readonly hugepages?: readonly { readonly pageSize: string; readonly limitBytes: number }[];
  /** Raw cgroup v2 files, such as `memory.high`. */
  readonly unified?: Readonly<Record<string, string>>;
}

/** A resource limit of the process; clamped to what this process may give. */
export interface Rlimit {
  /** `nofile` or `RLIMIT_NOFILE`, in any case. */
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

/** A device node of the host inside the container. */
export interface DeviceMapping {
  readonly hostPath: string;
  /** Default: the same path. */
  readonly containerPath?: string;
  /** Letters of `rwm`; default `rwm`. */
  readonly permissions?: string;
}

/**
 * Where a namespace comes from: one of its own, the host's, the pod's, that of another container,
 * or a pinned file. Default: what the pod's containers share, else `private`.
 */
export type NamespaceChoice = 'private' | 'host' | 'pod' | `container:${string}` | `ns:${string}`;

export interface NamespaceOptions {
  readonly pid?: NamespaceChoice;
  readonly ipc?: NamespaceChoice;
  readonly uts?: NamespaceChoice;
  readonly cgroup?: NamespaceChoice;
  /** The user namespace of another container, with its ids. That one must run when this one is started. */
  readonly user?: `container:${string}`;
}

/** A network that a container is to be on. */
export interface NetworkChoice {
  /** As its configuration has it, or `default`. */
  readonly name: string;
  /** Addresses that it asks for. Default: what is free. */
  readonly ip?: string;
  readonly ip6?: string;
  readonly mac?: string;
  /** More names by which the others on the network find it. */
  readonly aliases?: readonly string[];
  /** Default: the first of `eth0`, `eth1`, … that is free. */
  readonly ifName?: string;
}

/** Which ids outside stand for those inside; both maps hold the container's root. */
export interface IdMaps {
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
}

/**
 * When a container that has ended is started again, by the `cleanup` that the exit command calls. One that was stopped or
 * killed by a call stays down until a call starts it.
 */
export interface RestartPolicy {
  readonly name: 'always' | 'unless-stopped' | 'on-failure';
  /** Only of `on-failure`. Default: no limit. */
  readonly maxRetries?: number;
}

export type LogDriver = 'k8s-file' | 'none' | 'passthrough' | 'journald';

/** What a container is made from. Everything but the image may be left out. */
export interface ContainerOptions {
  /** A reference, an image id, or a unique prefix of an id. Empty with `rootfs`. */
  readonly image: string;
  /**
   * A folder of the host that is its root file system, in place of an image. With `overlay` what it writes is kept apart, and
   * goes with the container. With `idMapped` its files have the ids of the container's user namespace, if it has one.
   */
  readonly rootfs?: { readonly path: string; readonly overlay?: boolean; readonly idMapped?: boolean };
  /** What to do when the image is not in the store. Default `missing`. */
  readonly pull?: PullPolicy;
  /** Which image of an index is pulled. Default: that of this machine. */
  readonly platform?: Platform;
  /** Default: an adjective and a noun that are free. */
  readonly name?: string;
  /** Replaces the image's Entrypoint and drops its Cmd. `[]` clears it. (CRI: `command`.) */
  readonly entrypoint?: readonly string[];
  /** Replaces the image's Cmd. (CRI: `args`.) */
  readonly command?: readonly string[];
  /**
   * Absolute path on the host of a small init, which becomes the first process, starts the command, passes signals on and
   * reaps. It is mounted into the container, so that it must not need libraries. Needs a pid namespace of one's own.
   */
  readonly init?: string;
  /** On top of the image's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  /** `user`, `uid`, `user:group`, `uid:gid`; names are looked up in the image. */
  readonly user?: string;
  /**
   * A line for /etc/passwd when the user is a number that the image has no line for. `$USERNAME`, `$NAME`, `$UID`, `$GID`
   * and `$HOME` are filled in. Default: none.
   */
  readonly passwdEntry?: string;
  /** Users of the host, by name or number, who get a line in /etc/passwd. */
  readonly hostUsers?: readonly string[];
  /** More groups, as names or numbers. */
  readonly additionalGroups?: readonly string[];
  /** `strict`: without the groups that name the user as a member in the image. Default `merge`. */
  readonly groupsPolicy?: 'merge' | 'strict';
  /** Default: the first 12 characters of the id, or the pod's. */
  readonly hostname?: string;
  readonly mounts?: readonly ContainerMount[];
  /** Copied for it when it is made; variables are read at each start. */
  readonly secrets?: readonly ContainerSecret[];
  /** What becomes of the folders that the image declares as volumes and no mount is at. Default `ignore`. */
  readonly imageVolumes?: 'volume' | 'tmpfs' | 'ignore';
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * `none` (a namespace with only lo), `host`, `pod`, `bridge` or `default` (the default CNI network),
   * `container:ID`, `ns:PATH`, or the name of a CNI network.
   * Default: `pod` in a pod, else `default`.
   */
  readonly network?: string;
  /** CNI networks, `eth0` on the first and so on; in place of `network`. The container finds the others on them by name. */
  readonly networks?: readonly NetworkChoice[];
  readonly portMappings?: readonly PortMapping[];
  /** Ports that it is said to listen on, as `80/tcp`. None is published by that. */
  readonly exposedPorts?: readonly string[];
  readonly dns?: DnsOptions;
  /** Lines for /etc/hosts. */
  readonly extraHosts?: readonly { readonly hostname: string; readonly ip: string }[];
  /** Names as `CAP_NET_ADMIN`, `net_admin` or `ALL`. */
  readonly capabilities?: {
    /** What it has without `add` and `drop`. Default: those of the containers project. */
    readonly defaults?: readonly string[];
    readonly add?: readonly string[];
    readonly drop?: readonly string[];
    /** Also of a user who is not root, and kept by the programs that it starts. */
    readonly ambient?: readonly string[];
  };
  /** All that this process has: its capabilities, all devices, nothing masked. */
  readonly privileged?: boolean;
  readonly readOnlyRootfs?: boolean;
  readonly devices?: readonly DeviceMapping[];
  readonly deviceRules?: readonly DeviceRule[];
  /** Devices of the Container Device Interface, as `vendor.com/class=name`. */
  readonly cdiDevices?: readonly string[];
  readonly resources?: ResourceLimits;
  readonly rlimits?: readonly Rlimit[];
  /** Clamped to what this process may set. */
  readonly oomScoreAdj?: number;
  /** Give it a terminal. */
  readonly terminal?: boolean;
  /** Keep its stdin open for clients of attach. */
  readonly stdin?: boolean;
  /** Close stdin when the first client that attached leaves. */
  readonly stdinOnce?: boolean;
  /** Remove it when it has ended. */
  readonly autoRemove?: boolean;
  /** Start it again when it has ended; not together with `autoRemove`. Default: never. */
  readonly restartPolicy?: RestartPolicy;
  /** In place of the image's. */
  readonly healthCheck?: HealthCheck;
  /** When its health checks have failed too often. Default `none`. */
  readonly onUnhealthy?: HealthAction;
  /** Default 0o022. */
  readonly umask?: number;
  /** Variables of the image, and of our own defaults, that it does not get. `env` counts all the same. */
  readonly unsetEnv?: 'all' | readonly string[];
  /** Leave /etc/hosts as the image has it. */
  readonly keepHosts?: boolean;
  /** Leaves /etc/hostname as the image has it. */
  readonly keepHostname?: boolean;
  /** Folders inside that programs make their root: they get /etc/hosts and /etc/resolv.conf, too. */
  readonly chrootFolders?: readonly string[];
  /** As which machine the kernel shows itself. Needs runc 1.2, or crun: older ones take no notice. */
  readonly personality?: PersonalityDomain;
  /**
   * Its first process is systemd: memory where that writes, a hierarchy of control groups of its own, `container_uuid`, and
   * SIGRTMIN+3 as the stop signal when neither image nor options name one. `auto`: when its command is systemd or an init of
   * the system.
   */
  readonly systemd?: boolean | 'auto';
  /** Where the id of its process is written. Default: a file of the engine's own. */
  readonly pidFile?: string;
  /** Where the id of its monitor is written. Default: a file of the engine's own. */
  readonly monitorPidFile?: string;
  /**
   * The socket of a service manager, by sd_notify(3): it hears which process is the monitor, and that the container is ready.
   * By `container`, from the container itself, which gets a socket at /run/notify; by `monitor`, once it has started.
   */
  readonly notify?: { readonly socket: string; readonly by: 'container' | 'monitor' };
  /** Kill it when it has run so long, in whole seconds; its exit code is 255 then. */
  readonly timeoutMs?: number;
  /** Name or number. Default: the image's, else `SIGTERM`. */
  readonly stopSignal?: string;
  /** Wait between the stop signal and KILL. Default 10 000. */
  readonly stopTimeoutMs?: number;
  /** Default: `ctr.log` in the container's folder. */
  readonly logPath?: string;
  /**
   * Default `k8s-file`. `passthrough`: none, and the container has stdin, stdout and stderr of whoever starts it, and no
   * terminal. `journald`: the journal of the machine.
   */
  readonly logDriver?: LogDriver;
  /** Of its lines in the journal. */
  readonly logTag?: string;
  readonly logSizeMaxBytes?: number;
  /** Id or name of the pod that it joins. */
  readonly pod?: string;
  /**
   * Runs to its end before others of its pod run: at each start of the pod, or at one and is removed then. Kept for whoever
   * starts the containers of a pod; a start of the pod starts none.
   */
  readonly initOfPod?: 'always' | 'once';
  readonly namespaces?: NamespaceOptions;
  /**
   * A user namespace of its own: the ids that stand for those of the container, on the disk too. `auto`: ids that no other
   * container has, which the store chooses. Not in a pod, which has its own. Default: the ids of the host, or the pod's.
   */
  readonly idMaps?: IdMaps | { readonly auto: AutoIdMaps };
  /** How much it may write on the disk. Default: as storage.conf says, else no limit. */
  readonly storageQuota?: StorageQuota;
  /** Ids or names of containers that are started before it when they do not run. */
  readonly requires?: readonly string[];
  /** Control group under which its own is made. */
  readonly cgroupParent?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Size of /dev/shm. Default 65 536 000 (podman's); in a pod, the pod's. */
  readonly shmSizeBytes?: number;
  /** Replaces the default list; `[]` masks nothing. */
  readonly maskedPaths?: readonly string[];
  /** Replaces the default list. */
  readonly readonlyPaths?: readonly string[];
  /** On top of the masked paths. */
  readonly mask?: readonly string[];
  /** Neither masked nor read-only; `*` stands for any name, `ALL` for everything. */
  readonly unmask?: readonly string[];
  /** More options of the mount at /proc, such as `hidepid=2`. */
  readonly procOptions?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Filter of system calls: that of the containers project, by default, none, or that of a file. A privileged container has none. */
  readonly seccomp?: 'default' | 'unconfined' | { readonly path: string };
  /**
   * Default: that of the machine's containers where it is loaded, else none. `ifEnabled`: the profile, or none where the
   * kernel has no AppArmor. A privileged container has none.
   */
  readonly apparmor?: 'default' | 'unconfined' | { readonly profile: string; readonly ifEnabled?: boolean };
  /** Name of a runtime handler. Default: the engine's, or the pod's. */
  readonly runtime?: string;
  /** argv that conmon runs when the container has ended, such as `['lading', 'container', 'cleanup', id]`;
   * `{id}` in a word is replaced. Default: the engine's `exitCommand`. `[]` for none. */
  readonly exitCommand?: readonly string[];
  /** The caller's own JSON; kept, never read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}
