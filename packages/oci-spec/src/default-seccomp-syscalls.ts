// SPDX-License-Identifier: Apache-2.0

// Which system calls the default profile of the containers project (container-libs, April 2026) allows to
// whom. A slash gives forms of the name before it: `chown/32` is chown and chown32.

/** Allowed to all. */
export const allowed: readonly string[] = words(`
  _llseek _newselect accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown/32
  clock_adjtime/64 clock_getres/_time64 clock_gettime/64 clock_nanosleep/_time64 clone clone3 close
  close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
  epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
  exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_init fanotify_mark fchdir
  fchmod fchmodat fchmodat2 fchown/32 fchownat fcntl/64 fdatasync fgetxattr flistxattr flock fork
  fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat/64 fstatat64 fstatfs/64 fsync ftruncate/64
  futex/_time64 futex_requeue futex_wait futex_waitv futex_wake futimesat get_mempolicy get_robust_list
  get_thread_area getcpu getcwd getdents/64 getegid/32 geteuid/32 getgid/32 getgroups/32 getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid/32 getresuid/32 getrlimit
  getrusage getsid getsockname getsockopt gettid gettimeofday getuid/32 getxattr inotify_add_watch
  inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_setup io_submit ioctl
  ioprio_get ioprio_set ipc keyctl kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
  lchown/32 lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat/64
  madvise mbind membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2
  mlockall mmap mmap2 mount mount_setattr move_mount mprotect mq_getsetattr mq_notify mq_open
  mq_timedreceive/_time64 mq_timedsend/_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync
  munlock munlockall munmap name_to_handle_at nanosleep newfstatat open open_tree openat openat2 pause
  pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free pkey_mprotect poll
  ppoll/_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv
  process_vm_writev pselect6/_time64 ptrace pwrite64 pwritev pwritev2 read readahead readlink readlinkat
  readv reboot recv recvfrom recvmmsg/_time64 recvmsg remap_file_pages removexattr rename renameat
  renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait/_time64 rt_tgsigqueueinfo sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval/_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop/_time64 send sendfile/64 sendmmsg sendmsg
  sendto set_mempolicy set_robust_list set_thread_area set_tid_address setfsgid/32 setfsuid/32 setgid/32
  setgroups/32 setitimer setns setpgid setpriority setregid/32 setresgid/32 setresuid/32 setreuid/32
  setrlimit setsid setsockopt setuid/32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack signal
  signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat/64 statfs/64 statx symlink
  symlinkat sync sync_file_range syncfs sysinfo syslog tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime/64 timer_settime/64 timerfd_create timerfd_gettime/64
  timerfd_settime/64 times tkill truncate/64 ugetrlimit umask umount umount2 uname unlink unlinkat
  unshare utime utimensat/_time64 utimes vfork wait4 waitid waitpid write writev
`);

/** Refused with EPERM to all: dangerous, obsolete, or both. Whatever is named nowhere is ENOSYS. */
export const forbidden: readonly string[] = words(`
  bdflush cachestat io_pgetevents/_time64 kexec_file_load kexec_load map_shadow_stack migrate_pages
  move_pages nfsservctl nice oldfstat oldlstat oldolduname oldstat olduname pciconfig_iobase
  pciconfig_read pciconfig_write sgetmask ssetmask swapoff swapon syscall sysfs uselib userfaultfd ustat
  vm86 vm86old vmsplice
`);

/** Domains of personality(2) that are allowed: Linux, Linux with 32 bits, each as a machine of 2.6, and a query. */
export const personalities: readonly number[] = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** Allowed on some architectures, which have them. */
export const byArchitecture: readonly (readonly [architectures: string, names: readonly string[]])[] = [
  ['ppc64le', words('sync_file_range2 swapcontext')],
  ['arm arm64', words('arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2')],
  ['amd64', words('arch_prctl')],
  ['amd64 386', words('modify_ldt')],
  ['s390 s390x', words('s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr')],
  ['riscv64', words('riscv_flush_icache')],
];

/**
 * Allowed with any of these capabilities, refused with EPERM without. The project's list has setns(2) here too,
 * to no effect: it is allowed to all above, and the first rule wins.
 */
export const byCapability: readonly (readonly [capabilities: string, names: readonly string[]])[] = [
  ['DAC_READ_SEARCH', words('open_by_handle_at')],
  ['SYS_ADMIN', words('lookup_dcookie quotactl quotactl_fd setdomainname sethostname')],
  ['SYS_CHROOT', words('chroot')],
  ['SYS_MODULE', words('delete_module finit_module init_module query_module')],
  ['SYS_PACCT', words('acct')],
  ['SYS_PTRACE', words('kcmp process_madvise')],
  ['SYS_RAWIO', words('ioperm iopl')],
  ['SYS_TIME', words('clock_settime/64 settimeofday stime')],
  ['SYS_TTY_CONFIG', words('vhangup')],
  ['SYS_ADMIN BPF', words('bpf')],
  ['SYS_ADMIN PERFMON', words('perf_event_open')],
];

function words(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((word) => {
      const [name = '', ...forms] = word.split('/');
      return [name, ...forms.map((form) => name + form)];
    });
}
