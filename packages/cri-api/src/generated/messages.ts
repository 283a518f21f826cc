// SPDX-License-Identifier: Apache-2.0
// Made by scripts/generate.ts from proto/. Change the .proto files instead.

export interface AttachRequest {
  readonly containerId: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface AttachResponse {
  readonly url: string;
}

/** Credentials for one pull. All but the address are secret and must not reach a log. */
export interface AuthConfig {
  readonly username: string;
  readonly password: string;
  readonly auth: string;
  readonly serverAddress: string;
  readonly identityToken: string;
  readonly registryToken: string;
}

/** A device by its fully qualified CDI name. */
export interface CDIDevice {
  readonly name: string;
}

/** Capabilities beyond, and short of, the default set. "ALL" stands for all of them. */
export interface Capability {
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly addAmbientCapabilities: readonly string[];
}

/** Who makes cgroups: systemd, or the runtime through the file system. */
export const CgroupDriver = {
  SYSTEMD: 0,
  CGROUPFS: 1,
} as const;
export type CgroupDriver = (typeof CgroupDriver)[keyof typeof CgroupDriver];

export interface CheckpointContainerRequest {
  readonly containerId: string;
  readonly location: string;
  readonly timeout: bigint;
}

export type CheckpointContainerResponse = Readonly<Record<never, never>>;

export interface CheckpointPodRequest {
  readonly podSandboxId: string;
  readonly outputPath: string;
  readonly containerIds: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

export type CheckpointPodResponse = Readonly<Record<never, never>>;

/** A container in a list. */
export interface Container {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata?: ContainerMetadata;
  readonly image?: ImageSpec;
  readonly imageRef: string;
  readonly state: ContainerState;
  readonly createdAt: bigint;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly imageId: string;
}

/** Whom a measurement belongs to. */
export interface ContainerAttributes {
  readonly id: string;
  readonly metadata?: ContainerMetadata;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** All that is needed to make a container. */
export interface ContainerConfig {
  readonly metadata?: ContainerMetadata;
  readonly image?: ImageSpec;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly KeyValue[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly linux?: LinuxContainerConfig;
  readonly windows?: WindowsContainerConfig;
  readonly CDIDevices: readonly CDIDevice[];
  readonly stopSignal: Signal;
}

export interface ContainerEventResponse {
  readonly containerId: string;
  readonly containerEventType: ContainerEventType;
  readonly createdAt: bigint;
  readonly podSandboxStatus?: PodSandboxStatus;
  readonly containersStatuses: readonly ContainerStatus[];
}

/** What happened to a container. */
export const ContainerEventType = {
  CONTAINER_CREATED_EVENT: 0,
  CONTAINER_STARTED_EVENT: 1,
  CONTAINER_STOPPED_EVENT: 2,
  CONTAINER_DELETED_EVENT: 3,
} as const;
export type ContainerEventType = (typeof ContainerEventType)[keyof typeof ContainerEventType];

/** Which containers are wanted; conditions add up. */
export interface ContainerFilter {
  readonly id: string;
  readonly state?: ContainerStateValue;
  readonly podSandboxId: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}

/** Name and attempt; unique in the sandbox. */
export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}

/** Metrics of a container. */
export interface ContainerMetrics {
  readonly containerId: string;
  readonly metrics: readonly Metric[];
}

/** Limits in force. */
export interface ContainerResources {
  readonly linux?: LinuxContainerResources;
  readonly windows?: WindowsContainerResources;
}

/** Where a container is in its life. */
export const ContainerState = {
  CONTAINER_CREATED: 0,
  CONTAINER_RUNNING: 1,
  CONTAINER_EXITED: 2,
  CONTAINER_UNKNOWN: 3,
} as const;
export type ContainerState = (typeof ContainerState)[keyof typeof ContainerState];

/** A state that may be absent. */
export interface ContainerStateValue {
  readonly state: ContainerState;
}

/** A measurement of a container. */
export interface ContainerStats {
  readonly attributes?: ContainerAttributes;
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly writableLayer?: FilesystemUsage;
  readonly swap?: SwapUsage;
  readonly io?: IoUsage;
}

/** Which containers are measured. */
export interface ContainerStatsFilter {
  readonly id: string;
  readonly podSandboxId: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}

export interface ContainerStatsRequest {
  readonly containerId: string;
}

export interface ContainerStatsResponse {
  readonly stats?: ContainerStats;
}

/** All that is known of a container. Times are nanoseconds since 1970, zero for not yet. */
export interface ContainerStatus {
  readonly id: string;
  readonly metadata?: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAt: bigint;
  readonly startedAt: bigint;
  readonly finishedAt: bigint;
  readonly exitCode: number;
  readonly image?: ImageSpec;
  readonly imageRef: string;
  readonly reason: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly logPath: string;
  readonly resources?: ContainerResources;
  readonly imageId: string;
  readonly user?: ContainerUser;
  readonly stopSignal: Signal;
}

export interface ContainerStatusRequest {
  readonly containerId: string;
  readonly verbose: boolean;
}

export interface ContainerStatusResponse {
  readonly status?: ContainerStatus;
  readonly info: Readonly<Record<string, string>>;
}

/** Identity of the first process. */
export interface ContainerUser {
  readonly linux?: LinuxContainerUser;
}

/** Processor time. */
export interface CpuUsage {
  readonly timestamp: bigint;
  readonly usageCoreNanoSeconds?: UInt64Value;
  readonly usageNanoCores?: UInt64Value;
  readonly psi?: PsiStats;
}

export interface CreateContainerRequest {
  readonly podSandboxId: string;
  readonly config?: ContainerConfig;
  readonly sandboxConfig?: PodSandboxConfig;
}

export interface CreateContainerResponse {
  readonly containerId: string;
}

/** Content of resolv.conf. */
export interface DNSConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A device of the host that a container sees. */
export interface Device {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly permissions: string;
}

export interface ExecRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ExecResponse {
  readonly url: string;
}

export interface ExecSyncRequest {
  readonly containerId: string;
  readonly cmd: readonly string[];
  readonly timeout: bigint;
}

export interface ExecSyncResponse {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** A file system, by where it is mounted. */
export interface FilesystemIdentifier {
  readonly mountpoint: string;
}

/** What is used on a file system. */
export interface FilesystemUsage {
  readonly timestamp: bigint;
  readonly fsId?: FilesystemIdentifier;
  readonly usedBytes?: UInt64Value;
  readonly inodesUsed?: UInt64Value;
}

export type GetEventsRequest = Readonly<Record<never, never>>;

/** A limit for one size of huge pages. */
export interface HugepageLimit {
  readonly pageSize: string;
  readonly limit: bigint;
}

/** A run of user or group ids inside and outside of a user namespace. */
export interface IDMapping {
  readonly hostId: number;
  readonly containerId: number;
  readonly length: number;
}

/** An image in the store. */
export interface Image {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: bigint;
  readonly uid?: Int64Value;
  readonly username: string;
  readonly spec?: ImageSpec;
  readonly pinned: boolean;
}

/** Which images are wanted. */
export interface ImageFilter {
  readonly image?: ImageSpec;
}

export type ImageFsInfoRequest = Readonly<Record<never, never>>;

export interface ImageFsInfoResponse {
  readonly imageFilesystems: readonly FilesystemUsage[];
  readonly containerFilesystems: readonly FilesystemUsage[];
}

/** How a container names its image. */
export interface ImageSpec {
  readonly image: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly userSpecifiedImage: string;
  readonly runtimeHandler: string;
  readonly imageRef: string;
}

export interface ImageStatusRequest {
  readonly image?: ImageSpec;
  readonly verbose: boolean;
}

export interface ImageStatusResponse {
  readonly image?: Image;
  readonly info: Readonly<Record<string, string>>;
}

/** An int64 that may be absent. */
export interface Int64Value {
  readonly value: bigint;
}

/** Pressure of input and output. */
export interface IoUsage {
  readonly timestamp: bigint;
  readonly psi?: PsiStats;
}

/** One environment variable. The value is bytes: it need not be UTF-8. */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** The part of a container that only Linux has. */
export interface LinuxContainerConfig {
  readonly resources?: LinuxContainerResources;
  readonly securityContext?: LinuxContainerSecurityContext;
}

/** cgroup limits. Zero means: not given. */
export interface LinuxContainerResources {
  readonly cpuPeriod: bigint;
  readonly cpuQuota: bigint;
  readonly cpuShares: bigint;
  readonly memoryLimitInBytes: bigint;
  readonly oomScoreAdj: bigint;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly hugepageLimits: readonly HugepageLimit[];
  readonly unified: Readonly<Record<string, string>>;
  readonly memorySwapLimitInBytes: bigint;
}

/** Who a container runs as, and what it may do. */
export interface LinuxContainerSecurityContext {
  readonly capabilities?: Capability;
  readonly privileged: boolean;
  readonly namespaceOptions?: NamespaceOption;
  readonly selinuxOptions?: SELinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsGroup?: Int64Value;
  readonly runAsUsername: string;
  readonly readonlyRootfs: boolean;
  readonly supplementalGroups: readonly bigint[];
  readonly supplementalGroupsPolicy: SupplementalGroupsPolicy;
  readonly noNewPrivs: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly seccomp?: SecurityProfile;
  readonly apparmor?: SecurityProfile;
  readonly apparmorProfile: string;
  readonly seccompProfilePath: string;
}

/** Ids that the first process really got. */
export interface LinuxContainerUser {
  readonly uid: bigint;
  readonly gid: bigint;
  readonly supplementalGroups: readonly bigint[];
}

/** The part of a sandbox that only Linux has. */
export interface LinuxPodSandboxConfig {
  readonly cgroupParent: string;
  readonly securityContext?: LinuxSandboxSecurityContext;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly overhead?: LinuxContainerResources;
  readonly resources?: LinuxContainerResources;
}

/** What the cgroup of a sandbox counts. */
export interface LinuxPodSandboxStats {
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly network?: NetworkUsage;
  readonly process?: ProcessUsage;
  readonly containers: readonly ContainerStats[];
  readonly io?: IoUsage;
}

/** State that only Linux has. */
export interface LinuxPodSandboxStatus {
  readonly namespaces?: Namespace;
}

/** How the runtime drives cgroups. */
export interface LinuxRuntimeConfiguration {
  readonly cgroupDriver: CgroupDriver;
}

/** What the processes of a sandbox may do. */
export interface LinuxSandboxSecurityContext {
  readonly namespaceOptions?: NamespaceOption;
  readonly selinuxOptions?: SELinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsGroup?: Int64Value;
  readonly readonlyRootfs: boolean;
  readonly supplementalGroups: readonly bigint[];
  readonly supplementalGroupsPolicy: SupplementalGroupsPolicy;
  readonly privileged: boolean;
  readonly seccomp?: SecurityProfile;
  readonly apparmor?: SecurityProfile;
  readonly seccompProfilePath: string;
}

export interface ListContainerStatsRequest {
  readonly filter?: ContainerStatsFilter;
}

export interface ListContainerStatsResponse {
  readonly stats: readonly ContainerStats[];
}

export interface ListContainersRequest {
  readonly filter?: ContainerFilter;
}

export interface ListContainersResponse {
  readonly containers: readonly Container[];
}

export interface ListImagesRequest {
  readonly filter?: ImageFilter;
}

export interface ListImagesResponse {
  readonly images: readonly Image[];
}

export type ListMetricDescriptorsRequest = Readonly<Record<never, never>>;

export interface ListMetricDescriptorsResponse {
  readonly descriptors: readonly MetricDescriptor[];
}

export type ListPodSandboxMetricsRequest = Readonly<Record<never, never>>;

export interface ListPodSandboxMetricsResponse {
  readonly podMetrics: readonly PodSandboxMetrics[];
}

export interface ListPodSandboxRequest {
  readonly filter?: PodSandboxFilter;
}

export interface ListPodSandboxResponse {
  readonly items: readonly PodSandbox[];
}

export interface ListPodSandboxStatsRequest {
  readonly filter?: PodSandboxStatsFilter;
}

export interface ListPodSandboxStatsResponse {
  readonly stats: readonly PodSandboxStats[];
}

/** Memory. */
export interface MemoryUsage {
  readonly timestamp: bigint;
  readonly workingSetBytes?: UInt64Value;
  readonly availableBytes?: UInt64Value;
  readonly usageBytes?: UInt64Value;
  readonly rssBytes?: UInt64Value;
  readonly pageFaults?: UInt64Value;
  readonly majorPageFaults?: UInt64Value;
  readonly psi?: PsiStats;
}

/** One sample; the labels stand in the order of the descriptor. */
export interface Metric {
  readonly name: string;
  readonly timestamp: bigint;
  readonly metricType: MetricType;
  readonly labelValues: readonly string[];
  readonly value?: UInt64Value;
}

/** Name, help and labels of a metric. */
export interface MetricDescriptor {
  readonly name: string;
  readonly help: string;
  readonly labelKeys: readonly string[];
}

/** How a metric moves. */
export const MetricType = {
  COUNTER: 0,
  GAUGE: 1,
} as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

/** A folder, file or image that a container sees. */
export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
  readonly selinuxRelabel: boolean;
  readonly propagation: MountPropagation;
  readonly uidMappings: readonly IDMapping[];
  readonly gidMappings: readonly IDMapping[];
  readonly recursiveReadOnly: boolean;
  readonly image?: ImageSpec;
  readonly imageSubPath: string;
  readonly mountOptions: readonly string[];
}

/** How mounts travel between host and container. */
export const MountPropagation = {
  PROPAGATION_PRIVATE: 0,
  PROPAGATION_HOST_TO_CONTAINER: 1,
  PROPAGATION_BIDIRECTIONAL: 2,
} as const;
export type MountPropagation = (typeof MountPropagation)[keyof typeof MountPropagation];

/** Namespaces of a sandbox. */
export interface Namespace {
  readonly options?: NamespaceOption;
}

/** Whose namespace is joined. */
export const NamespaceMode = {
  POD: 0,
  CONTAINER: 1,
  NODE: 2,
  TARGET: 3,
} as const;
export type NamespaceMode = (typeof NamespaceMode)[keyof typeof NamespaceMode];

/** Which namespaces a pod or container shares. */
export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly targetId: string;
  readonly usernsOptions?: UserNamespace;
}

/** Network settings that the cluster hands down. */
export interface NetworkConfig {
  readonly podCidr: string;
}

/** Traffic of one interface. */
export interface NetworkInterfaceUsage {
  readonly name: string;
  readonly rxBytes?: UInt64Value;
  readonly rxErrors?: UInt64Value;
  readonly txBytes?: UInt64Value;
  readonly txErrors?: UInt64Value;
}

/** Traffic of a pod. */
export interface NetworkUsage {
  readonly timestamp: bigint;
  readonly defaultInterface?: NetworkInterfaceUsage;
  readonly interfaces: readonly NetworkInterfaceUsage[];
}

/** One more address of a pod. */
export interface PodIP {
  readonly ip: string;
}

/** A sandbox in a list. */
export interface PodSandbox {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata;
  readonly state: PodSandboxState;
  readonly createdAt: bigint;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}

/** Whom a measurement belongs to. */
export interface PodSandboxAttributes {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** All that is needed to make a sandbox. */
export interface PodSandboxConfig {
  readonly metadata?: PodSandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig?: DNSConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux?: LinuxPodSandboxConfig;
  readonly windows?: WindowsPodSandboxConfig;
}

/** Which sandboxes are wanted; conditions add up. */
export interface PodSandboxFilter {
  readonly id: string;
  readonly state?: PodSandboxStateValue;
  readonly labelSelector: Readonly<Record<string, string>>;
}

/** Names from which a sandbox name is built; unique together. */
export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

/** Metrics of a sandbox and its containers. */
export interface PodSandboxMetrics {
  readonly podSandboxId: string;
  readonly metrics: readonly Metric[];
  readonly containerMetrics: readonly ContainerMetrics[];
}

/** Addresses of a pod; empty with the network of the host. */
export interface PodSandboxNetworkStatus {
  readonly ip: string;
  readonly additionalIps: readonly PodIP[];
}

/** Whether a sandbox can take containers. */
export const PodSandboxState = {
  SANDBOX_READY: 0,
  SANDBOX_NOTREADY: 1,
} as const;
export type PodSandboxState = (typeof PodSandboxState)[keyof typeof PodSandboxState];

/** A state that may be absent. */
export interface PodSandboxStateValue {
  readonly state: PodSandboxState;
}

/** A measurement of a sandbox and its containers. */
export interface PodSandboxStats {
  readonly attributes?: PodSandboxAttributes;
  readonly linux?: LinuxPodSandboxStats;
  readonly windows?: WindowsPodSandboxStats;
}

/** Which sandboxes are measured. */
export interface PodSandboxStatsFilter {
  readonly id: string;
  readonly labelSelector: Readonly<Record<string, string>>;
}

export interface PodSandboxStatsRequest {
  readonly podSandboxId: string;
}

export interface PodSandboxStatsResponse {
  readonly stats?: PodSandboxStats;
}

/** All that is known of a sandbox. */
export interface PodSandboxStatus {
  readonly id: string;
  readonly metadata?: PodSandboxMetadata;
  readonly state: PodSandboxState;
  readonly createdAt: bigint;
  readonly network?: PodSandboxNetworkStatus;
  readonly linux?: LinuxPodSandboxStatus;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}

export interface PodSandboxStatusRequest {
  readonly podSandboxId: string;
  readonly verbose: boolean;
}

export interface PodSandboxStatusResponse {
  readonly status?: PodSandboxStatus;
  readonly info: Readonly<Record<string, string>>;
  readonly containersStatuses: readonly ContainerStatus[];
  readonly timestamp: bigint;
}

export interface PortForwardRequest {
  readonly podSandboxId: string;
  readonly port: readonly number[];
}

export interface PortForwardResponse {
  readonly url: string;
}

/** A port of the host that leads to a port of the pod. */
export interface PortMapping {
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

/** Number of processes. */
export interface ProcessUsage {
  readonly timestamp: bigint;
  readonly processCount?: UInt64Value;
}

/** Transport of a port mapping. */
export const Protocol = {
  TCP: 0,
  UDP: 1,
  SCTP: 2,
} as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** Microseconds lost in total, and percentages over three windows. */
export interface PsiData {
  readonly Total: bigint;
  readonly Avg10: number;
  readonly Avg60: number;
  readonly Avg300: number;
}

/** Pressure: time lost by all tasks, and by some. */
export interface PsiStats {
  readonly Full?: PsiData;
  readonly Some?: PsiData;
}

export interface PullImageRequest {
  readonly image?: ImageSpec;
  readonly auth?: AuthConfig;
  readonly sandboxConfig?: PodSandboxConfig;
}

export interface PullImageResponse {
  readonly imageRef: string;
}

export interface RemoveContainerRequest {
  readonly containerId: string;
}

export type RemoveContainerResponse = Readonly<Record<never, never>>;

export interface RemoveImageRequest {
  readonly image?: ImageSpec;
}

export type RemoveImageResponse = Readonly<Record<never, never>>;

export interface RemovePodSandboxRequest {
  readonly podSandboxId: string;
}

export type RemovePodSandboxResponse = Readonly<Record<never, never>>;

export interface ReopenContainerLogRequest {
  readonly containerId: string;
}

export type ReopenContainerLogResponse = Readonly<Record<never, never>>;

export interface RestorePodRequest {
  readonly checkpointPath: string;
  readonly config?: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly options: Readonly<Record<string, string>>;
  readonly containerConfigs: readonly ContainerConfig[];
}

export interface RestorePodResponse {
  readonly podSandboxId: string;
  readonly restoredContainers: readonly RestoredContainer[];
}

/** A container that came back with its pod. */
export interface RestoredContainer {
  readonly name: string;
  readonly containerId: string;
}

export interface RunPodSandboxRequest {
  readonly config?: PodSandboxConfig;
  readonly runtimeHandler: string;
}

export interface RunPodSandboxResponse {
  readonly podSandboxId: string;
}

/** RuntimeReady, NetworkReady, or a condition of the runtime's own. */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

/** Settings that the cluster hands down. */
export interface RuntimeConfig {
  readonly networkConfig?: NetworkConfig;
}

export type RuntimeConfigRequest = Readonly<Record<never, never>>;

export interface RuntimeConfigResponse {
  readonly linux?: LinuxRuntimeConfiguration;
}

/** What does not depend on the handler. */
export interface RuntimeFeatures {
  readonly supplementalGroupsPolicy: boolean;
  readonly userNamespacesHostNetwork: boolean;
  readonly mountOptions: boolean;
}

/** A handler; the default one has an empty name too. */
export interface RuntimeHandler {
  readonly name: string;
  readonly features?: RuntimeHandlerFeatures;
}

/** What a handler can do. */
export interface RuntimeHandlerFeatures {
  readonly recursiveReadOnlyMounts: boolean;
  readonly userNamespaces: boolean;
}

/** All conditions. */
export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
}

/** The four parts of an SELinux label. */
export interface SELinuxOption {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  readonly level: string;
}

/** A seccomp or AppArmor profile. */
export interface SecurityProfile {
  readonly profileType: ProfileType;
  readonly localhostRef: string;
}

export const ProfileType = {
  RuntimeDefault: 0,
  Unconfined: 1,
  Localhost: 2,
} as const;
export type ProfileType = (typeof ProfileType)[keyof typeof ProfileType];

/** Signals by name; the numbers are not those of the kernel. */
export const Signal = {
  SIGNAL_RUNTIME_DEFAULT: 0,
  SIGNAL_SIGABRT: 1,
  SIGNAL_SIGALRM: 2,
  SIGNAL_SIGBUS: 3,
  SIGNAL_SIGCHLD: 4,
  SIGNAL_SIGCLD: 5,
  SIGNAL_SIGCONT: 6,
  SIGNAL_SIGFPE: 7,
  SIGNAL_SIGHUP: 8,
  SIGNAL_SIGILL: 9,
  SIGNAL_SIGINT: 10,
  SIGNAL_SIGIO: 11,
  SIGNAL_SIGIOT: 12,
  SIGNAL_SIGKILL: 13,
  SIGNAL_SIGPIPE: 14,
  SIGNAL_SIGPOLL: 15,
  SIGNAL_SIGPROF: 16,
  SIGNAL_SIGPWR: 17,
  SIGNAL_SIGQUIT: 18,
  SIGNAL_SIGSEGV: 19,
  SIGNAL_SIGSTKFLT: 20,
  SIGNAL_SIGSTOP: 21,
  SIGNAL_SIGSYS: 22,
  SIGNAL_SIGTERM: 23,
  SIGNAL_SIGTRAP: 24,
  SIGNAL_SIGTSTP: 25,
  SIGNAL_SIGTTIN: 26,
  SIGNAL_SIGTTOU: 27,
  SIGNAL_SIGURG: 28,
  SIGNAL_SIGUSR1: 29,
  SIGNAL_SIGUSR2: 30,
  SIGNAL_SIGVTALRM: 31,
  SIGNAL_SIGWINCH: 32,
  SIGNAL_SIGXCPU: 33,
  SIGNAL_SIGXFSZ: 34,
  SIGNAL_SIGRTMIN: 35,
  SIGNAL_SIGRTMINPLUS1: 36,
  SIGNAL_SIGRTMINPLUS2: 37,
  SIGNAL_SIGRTMINPLUS3: 38,
  SIGNAL_SIGRTMINPLUS4: 39,
  SIGNAL_SIGRTMINPLUS5: 40,
  SIGNAL_SIGRTMINPLUS6: 41,
  SIGNAL_SIGRTMINPLUS7: 42,
  SIGNAL_SIGRTMINPLUS8: 43,
  SIGNAL_SIGRTMINPLUS9: 44,
  SIGNAL_SIGRTMINPLUS10: 45,
  SIGNAL_SIGRTMINPLUS11: 46,
  SIGNAL_SIGRTMINPLUS12: 47,
  SIGNAL_SIGRTMINPLUS13: 48,
  SIGNAL_SIGRTMINPLUS14: 49,
  SIGNAL_SIGRTMINPLUS15: 50,
  SIGNAL_SIGRTMAXMINUS14: 51,
  SIGNAL_SIGRTMAXMINUS13: 52,
  SIGNAL_SIGRTMAXMINUS12: 53,
  SIGNAL_SIGRTMAXMINUS11: 54,
  SIGNAL_SIGRTMAXMINUS10: 55,
  SIGNAL_SIGRTMAXMINUS9: 56,
  SIGNAL_SIGRTMAXMINUS8: 57,
  SIGNAL_SIGRTMAXMINUS7: 58,
  SIGNAL_SIGRTMAXMINUS6: 59,
  SIGNAL_SIGRTMAXMINUS5: 60,
  SIGNAL_SIGRTMAXMINUS4: 61,
  SIGNAL_SIGRTMAXMINUS3: 62,
  SIGNAL_SIGRTMAXMINUS2: 63,
  SIGNAL_SIGRTMAXMINUS1: 64,
  SIGNAL_SIGRTMAX: 65,
} as const;
export type Signal = (typeof Signal)[keyof typeof Signal];

export interface StartContainerRequest {
  readonly containerId: string;
}

export type StartContainerResponse = Readonly<Record<never, never>>;

export interface StatusRequest {
  readonly verbose: boolean;
}

export interface StatusResponse {
  readonly status?: RuntimeStatus;
  readonly info: Readonly<Record<string, string>>;
  readonly runtimeHandlers: readonly RuntimeHandler[];
  readonly features?: RuntimeFeatures;
}

export interface StopContainerRequest {
  readonly containerId: string;
  readonly timeout: bigint;
}

export type StopContainerResponse = Readonly<Record<never, never>>;

export interface StopPodSandboxRequest {
  readonly podSandboxId: string;
}

export type StopPodSandboxResponse = Readonly<Record<never, never>>;

export interface StreamContainerStatsRequest {
  readonly filter?: ContainerStatsFilter;
}

export interface StreamContainerStatsResponse {
  readonly containerStats: readonly ContainerStats[];
}

export interface StreamContainersRequest {
  readonly filter?: ContainerFilter;
}

export interface StreamContainersResponse {
  readonly containers: readonly Container[];
}

export interface StreamImagesRequest {
  readonly filter?: ImageFilter;
}

export interface StreamImagesResponse {
  readonly images: readonly Image[];
}

export type StreamPodSandboxMetricsRequest = Readonly<Record<never, never>>;

export interface StreamPodSandboxMetricsResponse {
  readonly podSandboxMetrics: readonly PodSandboxMetrics[];
}

export interface StreamPodSandboxStatsRequest {
  readonly filter?: PodSandboxStatsFilter;
}

export interface StreamPodSandboxStatsResponse {
  readonly podSandboxStats: readonly PodSandboxStats[];
}

export interface StreamPodSandboxesRequest {
  readonly filter?: PodSandboxFilter;
}

export interface StreamPodSandboxesResponse {
  readonly podSandboxes: readonly PodSandbox[];
}

/** Whether groups of the image add to those that are given. */
export const SupplementalGroupsPolicy = {
  Merge: 0,
  Strict: 1,
} as const;
export type SupplementalGroupsPolicy = (typeof SupplementalGroupsPolicy)[keyof typeof SupplementalGroupsPolicy];

/** Swap. */
export interface SwapUsage {
  readonly timestamp: bigint;
  readonly swapAvailableBytes?: UInt64Value;
  readonly swapUsageBytes?: UInt64Value;
}

/** A uint64 that may be absent. */
export interface UInt64Value {
  readonly value: bigint;
}

export interface UpdateContainerResourcesRequest {
  readonly containerId: string;
  readonly linux?: LinuxContainerResources;
  readonly windows?: WindowsContainerResources;
  readonly annotations: Readonly<Record<string, string>>;
}

export type UpdateContainerResourcesResponse = Readonly<Record<never, never>>;

export interface UpdatePodSandboxResourcesRequest {
  readonly podSandboxId: string;
  readonly overhead?: LinuxContainerResources;
  readonly resources?: LinuxContainerResources;
}

export type UpdatePodSandboxResourcesResponse = Readonly<Record<never, never>>;

export interface UpdateRuntimeConfigRequest {
  readonly runtimeConfig?: RuntimeConfig;
}

export type UpdateRuntimeConfigResponse = Readonly<Record<never, never>>;

/** How the ids of a pod map to those of the host. */
export interface UserNamespace {
  readonly mode: NamespaceMode;
  readonly uids: readonly IDMapping[];
  readonly gids: readonly IDMapping[];
}

export interface VersionRequest {
  readonly version: string;
}

export interface VersionResponse {
  readonly version: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

export interface WindowsContainerConfig {
  readonly resources?: WindowsContainerResources;
  readonly securityContext?: WindowsContainerSecurityContext;
}

export interface WindowsContainerResources {
  readonly cpuShares: bigint;
  readonly cpuCount: bigint;
  readonly cpuMaximum: bigint;
  readonly memoryLimitInBytes: bigint;
  readonly rootfsSizeInBytes: bigint;
  readonly affinityCpus: readonly WindowsCpuGroupAffinity[];
}

export interface WindowsContainerSecurityContext {
  readonly runAsUsername: string;
  readonly credentialSpec: string;
  readonly hostProcess: boolean;
}

export interface WindowsContainerStats {
  readonly attributes?: ContainerAttributes;
  readonly cpu?: WindowsCpuUsage;
  readonly memory?: WindowsMemoryUsage;
  readonly writableLayer?: WindowsFilesystemUsage;
}

export interface WindowsCpuGroupAffinity {
  readonly cpuMask: bigint;
  readonly cpuGroup: number;
}

export interface WindowsCpuUsage {
  readonly timestamp: bigint;
  readonly usageCoreNanoSeconds?: UInt64Value;
  readonly usageNanoCores?: UInt64Value;
}

export interface WindowsFilesystemUsage {
  readonly timestamp: bigint;
  readonly fsId?: FilesystemIdentifier;
  readonly usedBytes?: UInt64Value;
}

export interface WindowsMemoryUsage {
  readonly timestamp: bigint;
  readonly workingSetBytes?: UInt64Value;
  readonly availableBytes?: UInt64Value;
  readonly pageFaults?: UInt64Value;
  readonly commitMemoryBytes?: UInt64Value;
}

export interface WindowsNamespaceOption {
  readonly network: NamespaceMode;
}

export interface WindowsNetworkInterfaceUsage {
  readonly name: string;
  readonly rxBytes?: UInt64Value;
  readonly rxPacketsDropped?: UInt64Value;
  readonly txBytes?: UInt64Value;
  readonly txPacketsDropped?: UInt64Value;
}

export interface WindowsNetworkUsage {
  readonly timestamp: bigint;
  readonly defaultInterface?: WindowsNetworkInterfaceUsage;
  readonly interfaces: readonly WindowsNetworkInterfaceUsage[];
}

export interface WindowsPodSandboxConfig {
  readonly securityContext?: WindowsSandboxSecurityContext;
}

export interface WindowsPodSandboxStats {
  readonly cpu?: WindowsCpuUsage;
  readonly memory?: WindowsMemoryUsage;
  readonly network?: WindowsNetworkUsage;
  readonly process?: WindowsProcessUsage;
  readonly containers: readonly WindowsContainerStats[];
}

export interface WindowsProcessUsage {
  readonly timestamp: bigint;
  readonly processCount?: UInt64Value;
}

export interface WindowsSandboxSecurityContext {
  readonly runAsUsername: string;
  readonly credentialSpec: string;
  readonly hostProcess: boolean;
  readonly namespaceOptions?: WindowsNamespaceOption;
}

/** Each message by its name. */
export interface Messages {
  readonly AttachRequest: AttachRequest;
  readonly AttachResponse: AttachResponse;
  readonly AuthConfig: AuthConfig;
  readonly CDIDevice: CDIDevice;
  readonly Capability: Capability;
  readonly CheckpointContainerRequest: CheckpointContainerRequest;
  readonly CheckpointContainerResponse: CheckpointContainerResponse;
  readonly CheckpointPodRequest: CheckpointPodRequest;
  readonly CheckpointPodResponse: CheckpointPodResponse;
  readonly Container: Container;
  readonly ContainerAttributes: ContainerAttributes;
  readonly ContainerConfig: ContainerConfig;
  readonly ContainerEventResponse: ContainerEventResponse;
  readonly ContainerFilter: ContainerFilter;
  readonly ContainerMetadata: ContainerMetadata;
  readonly ContainerMetrics: ContainerMetrics;
  readonly ContainerResources: ContainerResources;
  readonly ContainerStateValue: ContainerStateValue;
  readonly ContainerStats: ContainerStats;
  readonly ContainerStatsFilter: ContainerStatsFilter;
  readonly ContainerStatsRequest: ContainerStatsRequest;
  readonly ContainerStatsResponse: ContainerStatsResponse;
  readonly ContainerStatus: ContainerStatus;
  readonly ContainerStatusRequest: ContainerStatusRequest;
  readonly ContainerStatusResponse: ContainerStatusResponse;
  readonly ContainerUser: ContainerUser;
  readonly CpuUsage: CpuUsage;
  readonly CreateContainerRequest: CreateContainerRequest;
  readonly CreateContainerResponse: CreateContainerResponse;
  readonly DNSConfig: DNSConfig;
  readonly Device: Device;
  readonly ExecRequest: ExecRequest;
  readonly ExecResponse: ExecResponse;
  readonly ExecSyncRequest: ExecSyncRequest;
  readonly ExecSyncResponse: ExecSyncResponse;
  readonly FilesystemIdentifier: FilesystemIdentifier;
  readonly FilesystemUsage: FilesystemUsage;
  readonly GetEventsRequest: GetEventsRequest;
  readonly HugepageLimit: HugepageLimit;
  readonly IDMapping: IDMapping;
  readonly Image: Image;
  readonly ImageFilter: ImageFilter;
  readonly ImageFsInfoRequest: ImageFsInfoRequest;
  readonly ImageFsInfoResponse: ImageFsInfoResponse;
  readonly ImageSpec: ImageSpec;
  readonly ImageStatusRequest: ImageStatusRequest;
  readonly ImageStatusResponse: ImageStatusResponse;
  readonly Int64Value: Int64Value;
  readonly IoUsage: IoUsage;
  readonly KeyValue: KeyValue;
  readonly LinuxContainerConfig: LinuxContainerConfig;
  readonly LinuxContainerResources: LinuxContainerResources;
  readonly LinuxContainerSecurityContext: LinuxContainerSecurityContext;
  readonly LinuxContainerUser: LinuxContainerUser;
  readonly LinuxPodSandboxConfig: LinuxPodSandboxConfig;
  readonly LinuxPodSandboxStats: LinuxPodSandboxStats;
  readonly LinuxPodSandboxStatus: LinuxPodSandboxStatus;
  readonly LinuxRuntimeConfiguration: LinuxRuntimeConfiguration;
  readonly LinuxSandboxSecurityContext: LinuxSandboxSecurityContext;
  readonly ListContainerStatsRequest: ListContainerStatsRequest;
  readonly ListContainerStatsResponse: ListContainerStatsResponse;
  readonly ListContainersRequest: ListContainersRequest;
  readonly ListContainersResponse: ListContainersResponse;
  readonly ListImagesRequest: ListImagesRequest;
  readonly ListImagesResponse: ListImagesResponse;
  readonly ListMetricDescriptorsRequest: ListMetricDescriptorsRequest;
  readonly ListMetricDescriptorsResponse: ListMetricDescriptorsResponse;
  readonly ListPodSandboxMetricsRequest: ListPodSandboxMetricsRequest;
  readonly ListPodSandboxMetricsResponse: ListPodSandboxMetricsResponse;
  readonly ListPodSandboxRequest: ListPodSandboxRequest;
  readonly ListPodSandboxResponse: ListPodSandboxResponse;
  readonly ListPodSandboxStatsRequest: ListPodSandboxStatsRequest;
  readonly ListPodSandboxStatsResponse: ListPodSandboxStatsResponse;
  readonly MemoryUsage: MemoryUsage;
  readonly Metric: Metric;
  readonly MetricDescriptor: MetricDescriptor;
  readonly Mount: Mount;
  readonly Namespace: Namespace;
  readonly NamespaceOption: NamespaceOption;
  readonly NetworkConfig: NetworkConfig;
  readonly NetworkInterfaceUsage: NetworkInterfaceUsage;
  readonly NetworkUsage: NetworkUsage;
  readonly PodIP: PodIP;
  readonly PodSandbox: PodSandbox;
  readonly PodSandboxAttributes: PodSandboxAttributes;
  readonly PodSandboxConfig: PodSandboxConfig;
  readonly PodSandboxFilter: PodSandboxFilter;
  readonly PodSandboxMetadata: PodSandboxMetadata;
  readonly PodSandboxMetrics: PodSandboxMetrics;
  readonly PodSandboxNetworkStatus: PodSandboxNetworkStatus;
  readonly PodSandboxStateValue: PodSandboxStateValue;
  readonly PodSandboxStats: PodSandboxStats;
  readonly PodSandboxStatsFilter: PodSandboxStatsFilter;
  readonly PodSandboxStatsRequest: PodSandboxStatsRequest;
  readonly PodSandboxStatsResponse: PodSandboxStatsResponse;
  readonly PodSandboxStatus: PodSandboxStatus;
  readonly PodSandboxStatusRequest: PodSandboxStatusRequest;
  readonly PodSandboxStatusResponse: PodSandboxStatusResponse;
  readonly PortForwardRequest: PortForwardRequest;
  readonly PortForwardResponse: PortForwardResponse;
  readonly PortMapping: PortMapping;
  readonly ProcessUsage: ProcessUsage;
  readonly PsiData: PsiData;
  readonly PsiStats: PsiStats;
  readonly PullImageRequest: PullImageRequest;
  readonly PullImageResponse: PullImageResponse;
  readonly RemoveContainerRequest: RemoveContainerRequest;
  readonly RemoveContainerResponse: RemoveContainerResponse;
  readonly RemoveImageRequest: RemoveImageRequest;
  readonly RemoveImageResponse: RemoveImageResponse;
  readonly RemovePodSandboxRequest: RemovePodSandboxRequest;
  readonly RemovePodSandboxResponse: RemovePodSandboxResponse;
  readonly ReopenContainerLogRequest: ReopenContainerLogRequest;
  readonly ReopenContainerLogResponse: ReopenContainerLogResponse;
  readonly RestorePodRequest: RestorePodRequest;
  readonly RestorePodResponse: RestorePodResponse;
  readonly RestoredContainer: RestoredContainer;
  readonly RunPodSandboxRequest: RunPodSandboxRequest;
  readonly RunPodSandboxResponse: RunPodSandboxResponse;
  readonly RuntimeCondition: RuntimeCondition;
  readonly RuntimeConfig: RuntimeConfig;
  readonly RuntimeConfigRequest: RuntimeConfigRequest;
  readonly RuntimeConfigResponse: RuntimeConfigResponse;
  readonly RuntimeFeatures: RuntimeFeatures;
  readonly RuntimeHandler: RuntimeHandler;
  readonly RuntimeHandlerFeatures: RuntimeHandlerFeatures;
  readonly RuntimeStatus: RuntimeStatus;
  readonly SELinuxOption: SELinuxOption;
  readonly SecurityProfile: SecurityProfile;
  readonly StartContainerRequest: StartContainerRequest;
  readonly StartContainerResponse: StartContainerResponse;
  readonly StatusRequest: StatusRequest;
  readonly StatusResponse: StatusResponse;
  readonly StopContainerRequest: StopContainerRequest;
  readonly StopContainerResponse: StopContainerResponse;
  readonly StopPodSandboxRequest: StopPodSandboxRequest;
  readonly StopPodSandboxResponse: StopPodSandboxResponse;
  readonly StreamContainerStatsRequest: StreamContainerStatsRequest;
  readonly StreamContainerStatsResponse: StreamContainerStatsResponse;
  readonly StreamContainersRequest: StreamContainersRequest;
  readonly StreamContainersResponse: StreamContainersResponse;
  readonly StreamImagesRequest: StreamImagesRequest;
  readonly StreamImagesResponse: StreamImagesResponse;
  readonly StreamPodSandboxMetricsRequest: StreamPodSandboxMetricsRequest;
  readonly StreamPodSandboxMetricsResponse: StreamPodSandboxMetricsResponse;
  readonly StreamPodSandboxStatsRequest: StreamPodSandboxStatsRequest;
  readonly StreamPodSandboxStatsResponse: StreamPodSandboxStatsResponse;
  readonly StreamPodSandboxesRequest: StreamPodSandboxesRequest;
  readonly StreamPodSandboxesResponse: StreamPodSandboxesResponse;
  readonly SwapUsage: SwapUsage;
  readonly UInt64Value: UInt64Value;
  readonly UpdateContainerResourcesRequest: UpdateContainerResourcesRequest;
  readonly UpdateContainerResourcesResponse: UpdateContainerResourcesResponse;
  readonly UpdatePodSandboxResourcesRequest: UpdatePodSandboxResourcesRequest;
  readonly UpdatePodSandboxResourcesResponse: UpdatePodSandboxResourcesResponse;
  readonly UpdateRuntimeConfigRequest: UpdateRuntimeConfigRequest;
  readonly UpdateRuntimeConfigResponse: UpdateRuntimeConfigResponse;
  readonly UserNamespace: UserNamespace;
  readonly VersionRequest: VersionRequest;
  readonly VersionResponse: VersionResponse;
  readonly WindowsContainerConfig: WindowsContainerConfig;
  readonly WindowsContainerResources: WindowsContainerResources;
  readonly WindowsContainerSecurityContext: WindowsContainerSecurityContext;
  readonly WindowsContainerStats: WindowsContainerStats;
  readonly WindowsCpuGroupAffinity: WindowsCpuGroupAffinity;
  readonly WindowsCpuUsage: WindowsCpuUsage;
  readonly WindowsFilesystemUsage: WindowsFilesystemUsage;
  readonly WindowsMemoryUsage: WindowsMemoryUsage;
  readonly WindowsNamespaceOption: WindowsNamespaceOption;
  readonly WindowsNetworkInterfaceUsage: WindowsNetworkInterfaceUsage;
  readonly WindowsNetworkUsage: WindowsNetworkUsage;
  readonly WindowsPodSandboxConfig: WindowsPodSandboxConfig;
  readonly WindowsPodSandboxStats: WindowsPodSandboxStats;
  readonly WindowsProcessUsage: WindowsProcessUsage;
  readonly WindowsSandboxSecurityContext: WindowsSandboxSecurityContext;
}
