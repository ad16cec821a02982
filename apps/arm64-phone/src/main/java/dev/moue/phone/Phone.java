package dev.moue.phone;

import com.github.unidbg.arm.backend.Backend;
import com.github.unidbg.arm.backend.BackendFactory;
import com.github.unidbg.arm.backend.DynarmicFactory;
import com.github.unidbg.file.FileResult;
import com.github.unidbg.file.linux.AndroidFileIO;
import com.github.unidbg.linux.ARM64SyscallHandler;
import com.github.unidbg.linux.android.AndroidARM64Emulator;
import com.github.unidbg.linux.android.AndroidResolver;
import com.github.unidbg.linux.file.ByteArrayFileIO;
import com.github.unidbg.memory.SvcMemory;
import com.github.unidbg.unix.UnixSyscallHandler;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import unicorn.Arm64Const;

/** An emulated arm64 Android process. */
class Phone extends AndroidARM64Emulator {
    /** Numbers of arm64 Linux: the system call madvise, and its advice MADV_DONTNEED. */
    private static final int MADVISE = 233;

    private static final int DONT_NEED = 4;

    /** Bits of AT_HWCAP: floats, NEON, and the dot product of 8-bit integers. */
    private static final long FP = 1, NEON = 1 << 1, DOT_PRODUCT = 1 << 20;

    /** Keys of the auxiliary vector. */
    private static final long AT_HWCAP = 16, AT_HWCAP2 = 26;

    Phone(String process, boolean hasDotProduct) {
        super(process, new File("target/rootfs"), List.<BackendFactory>of(new DynarmicFactory(false)));
        // Without it no new thread ever runs.
        getSyscallHandler().setEnableThreadDispatcher(true);
        getMemory().setLibraryResolver(new AndroidResolver(23));
        serveProcessor(FP | NEON | (hasDotProduct ? DOT_PRODUCT : 0));
    }

    /** Rust reads what the processor can from this file where getauxval says nothing, as here. */
    private void serveProcessor(long capabilities) {
        ByteBuffer vector = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        vector.putLong(AT_HWCAP).putLong(capabilities).putLong(AT_HWCAP2).putLong(0).putLong(0).putLong(0);
        getSyscallHandler().addIOResolver((emulator, path, flags) -> {
            if (!path.endsWith("/auxv")) return null;
            return FileResult.<AndroidFileIO>success(new ByteArrayFileIO(flags, path, vector.array()));
        });
    }

    @Override
    protected UnixSyscallHandler<AndroidFileIO> createSyscallHandler(SvcMemory memory) {
        return new ARM64SyscallHandler(memory) {
            @Override
            public void hook(Backend backend, int interrupt, int swi, Object user) {
                // The emulator ignores it, but bionic's allocator hands out pages that it has given up as
                // zeroed: the first network's buffers would start with other values than on a device.
                boolean isMadvise = swi == 0 && register(backend, Arm64Const.UC_ARM64_REG_X8) == MADVISE;
                if (isMadvise && register(backend, Arm64Const.UC_ARM64_REG_X2) == DONT_NEED) {
                    int length = (int) register(backend, Arm64Const.UC_ARM64_REG_X1);
                    backend.mem_write(register(backend, Arm64Const.UC_ARM64_REG_X0), new byte[length]);
                }
                super.hook(backend, interrupt, swi, user);
            }
        };
    }

    private static long register(Backend backend, int which) {
        return backend.reg_read(which).longValue();
    }
}
