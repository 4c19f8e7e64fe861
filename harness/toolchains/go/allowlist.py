"""Allowlist of Go's standard library for code that a model wrote.

A test process holds the tokens and the table of its tests in memory. Type-safe code of another package reaches neither.
Whatever bypasses type safety, or leaves the process, is on no list here. docs/gate.md shows the lists.
"""

import re

PACKAGES = """
    archive/tar archive/zip bufio bytes cmp compress/bzip2 compress/flate compress/gzip compress/lzw
    compress/zlib container/heap container/list container/ring context crypto crypto/aes crypto/cipher
    crypto/des crypto/dsa crypto/ecdh crypto/ecdsa crypto/ed25519 crypto/elliptic crypto/fips140 crypto/hkdf
    crypto/hmac crypto/hpke crypto/md5 crypto/mlkem crypto/pbkdf2 crypto/rand crypto/rc4 crypto/rsa crypto/sha1
    crypto/sha256 crypto/sha3 crypto/sha512 crypto/subtle crypto/tls crypto/x509 crypto/x509/pkix database/sql
    database/sql/driver debug/buildinfo debug/dwarf debug/elf debug/gosym debug/macho debug/pe debug/plan9obj
    embed encoding encoding/ascii85 encoding/asn1 encoding/base32 encoding/base64 encoding/binary encoding/csv
    encoding/gob encoding/hex encoding/json encoding/pem encoding/xml errors expvar flag fmt go/ast go/build
    go/build/constraint go/constant go/doc go/doc/comment go/format go/importer go/parser go/printer go/scanner
    go/token go/types go/version hash hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash html
    html/template image image/color image/color/palette image/draw image/gif image/jpeg image/png
    index/suffixarray io io/fs io/ioutil iter log log/slog log/syslog maps math math/big math/bits math/cmplx
    math/rand math/rand/v2 mime mime/multipart mime/quotedprintable net net/http net/http/cgi net/http/cookiejar
    net/http/fcgi net/http/httptest net/http/httptrace net/http/httputil net/http/pprof net/mail net/netip
    net/rpc net/rpc/jsonrpc net/smtp net/textproto net/url os os/exec os/signal os/user path path/filepath
    reflect regexp regexp/syntax runtime runtime/debug runtime/metrics runtime/pprof runtime/trace slices sort
    strconv strings structs sync sync/atomic syscall testing testing/fstest testing/iotest testing/quick
    testing/slogtest testing/synctest text/scanner text/tabwriter text/template text/template/parse time
    time/tzdata unicode unicode/utf16 unicode/utf8 unique weak
"""
"""Importable packages of the standard library. Modules that go.mod requires, and packages of the workspace, may be
imported, too."""

NAMES = {
    "os": """
        Args Chdir Chmod Chown Chtimes Clearenv CopyFS Create CreateTemp DevNull DirEntry DirFS Environ Err* Executable
        Exit Expand ExpandEnv File FileInfo FileMode FindProcess Getegid Getenv Geteuid Getgid Getgroups Getpagesize
        Getpid Getppid Getuid Getwd Hostname Interrupt IsExist IsNotExist IsPathSeparator IsPermission IsTimeout Kill
        Lchown Link LinkError LookupEnv Lstat Mkdir MkdirAll MkdirTemp Mode* NewSyscallError O_* Open OpenFile
        OpenInRoot OpenRoot PathError PathListSeparator PathSeparator Pipe ProcAttr Process ProcessState ReadDir
        ReadFile Readlink Remove RemoveAll Rename Root SEEK_* SameFile Setenv Signal StartProcess Stat Stderr Stdin
        Stdout Symlink SyscallError TempDir Truncate Unsetenv UserCacheDir UserConfigDir UserHomeDir WriteFile
    """,
    "flag": """
        Arg Args Bool BoolFunc BoolVar ContinueOnError Duration DurationVar Err* ErrorHandling ExitOnError Flag FlagSet
        Float64 Float64Var Func Getter Int Int64 Int64Var IntVar NArg NFlag NewFlagSet PanicOnError Parse Parsed
        PrintDefaults Set String StringVar TextVar Uint Uint64 Uint64Var UintVar UnquoteUsage Usage Value Var Visit
    """,
    "reflect": """
        Append AppendSlice Array ArrayOf Bool BothDir Chan ChanDir ChanOf Complex128 Complex64 Copy DeepEqual Float32
        Float64 Func FuncOf Indirect Int Int16 Int32 Int64 Int8 Interface Invalid Kind MakeChan MakeFunc MakeMap
        MakeMapWithSize MakeSlice Map MapIter MapOf New Pointer PointerTo Ptr PtrTo RecvDir Select SelectCase
        SelectDefault SelectDir SelectRecv SelectSend SendDir Slice SliceOf String Struct StructField StructTag Swapper
        Type TypeAssert TypeFor TypeOf Uint Uint16 Uint32 Uint64 Uint8 Uintptr UnsafePointer Value ValueError ValueOf
        VisibleFields Zero
    """,
    "runtime": """
        AddCleanup Caller Callers CallersFrames Cleanup Compiler Error Frame Frames Func FuncForPC GC GOARCH GOMAXPROCS
        GOOS GOROOT Goexit Gosched KeepAlive LockOSThread MemStats NumCPU NumGoroutine PanicNilError ReadMemStats
        SetFinalizer Stack TypeAssertionError UnlockOSThread Version
    """,
    "runtime/debug": """
        BuildInfo BuildSetting FreeOSMemory GCStats Module ParseBuildInfo PrintStack ReadBuildInfo ReadGCStats
        SetGCPercent SetMaxStack SetMemoryLimit Stack
    """,
    "syscall": """
        E* Errno Getpagesize Kill O_* Rusage S_I* SIG* Signal Stat_t Stderr Stdin Stdout SysProcAttr WaitStatus
    """,
    "testing": """
        AllocsPerRun B Benchmark BenchmarkResult CoverMode F PB Short T TB Testing Verbose
    """,
}
"""Allowed names of packages that are allowed in part. `*` matches capitals, digits and `_`."""

METHODS = {
    "reflect.Value": """
        Addr Bool Bytes Call CallSlice CanAddr CanComplex CanConvert CanFloat CanInt CanInterface CanSet CanUint Cap
        Clear Close Comparable Complex Convert Elem Equal Field FieldByIndex FieldByIndexErr FieldByName
        FieldByNameFunc Fields Float Grow Index Int Interface IsNil IsValid IsZero Kind Len MapIndex MapKeys MapRange
        NumField NumMethod OverflowComplex OverflowFloat OverflowInt OverflowUint Pointer Recv Send Seq Seq2 Set SetBool
        SetBytes SetCap SetComplex SetFloat SetInt SetIterKey SetIterValue SetLen SetMapIndex SetString SetUint SetZero
        Slice Slice3 String TryRecv TrySend Type Uint
    """,
    "reflect.Type": """
        Align AssignableTo Bits CanSeq CanSeq2 ChanDir Comparable ConvertibleTo Elem Field FieldAlign FieldByIndex
        FieldByName FieldByNameFunc Fields Implements In Ins IsVariadic Key Kind Len Name NumField NumIn NumMethod
        NumOut Out Outs OverflowComplex OverflowFloat OverflowInt OverflowUint PkgPath Size String
    """,
}
"""Allowed methods of types that are allowed in part. Methods looked up by index or name are excluded, since they lead
to those that make pointers."""

UNNAMED = ("InterfaceData", "Method", "MethodByName", "Methods", "SetPointer", "UnsafeAddr", "UnsafePointer")
"""Methods of reflect that are refused even through an interface that the model declares."""

VARIABLES = ("flag.Usage", "net/http.DefaultClient.*")
"""Variables of the standard library that may be written to. Specs compare with the others, or work through them. `.*`
stands for the fields of a variable that may not be replaced itself."""

SHARED_TYPES = """
    encoding/base32.Encoding encoding/base64.Encoding hash/crc32.Table time.Location unicode.CaseRange unicode.Range16
    unicode.Range32 unicode.RangeTable
"""
"""Types of the standard library whose values its variables lead to; nothing may be written into one by a pointer."""

SHARED = r"Err[A-Z]\w*|EOF|Canceled|DeadlineExceeded|Default[A-Z]\w*"
"""Variables of other modules that may not be assigned to."""

DIRECTIVES = ("build", "embed", "fix", "generate", "noinline")
"""Allowed compiler directives, such as `//go:build`."""


def as_request() -> dict[str, object]:
    """Return the allowlist in the form that the examining program reads."""
    return {
        "Packages": PACKAGES.split(),
        "Names": {path: "|".join(map(_pattern, names.split())) for path, names in NAMES.items()},
        "Methods": {name: methods.split() for name, methods in METHODS.items()},
        "Unnamed": UNNAMED,
        "Variables": VARIABLES,
        "SharedTypes": SHARED_TYPES.split(),
        "Shared": SHARED,
        "Directives": DIRECTIVES,
    }


def _pattern(name: str) -> str:
    """Return a regular expression for a name. `*` matches capitals and digits alone, so that SIG* is no SetNonblock."""
    return re.escape(name).replace(r"\*", r"[A-Z0-9_]\w*" if name in ("Err*", "Mode*") else "[A-Z0-9_]+")


def as_table() -> str:
    """Return the allowlist as the table of docs/gate.md."""
    rows = [f"| `{name}` | {_cell(names)} |" for name, names in sorted((NAMES | METHODS).items())]
    rows += [
        f"| packages of the standard library | {_cell(PACKAGES)} |",
        f"| its variables that may be written into | {_cell(' '.join(VARIABLES))} |",
        f"| directives, as in `//go:build` | {_cell(' '.join(DIRECTIVES))} |",
    ]
    return "\n".join(["| of | may be used |", "|---|---|", *rows])


def _cell(names: str) -> str:
    return f"`{' '.join(names.split())}`"
