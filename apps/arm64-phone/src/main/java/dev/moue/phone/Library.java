package dev.moue.phone;

import com.github.unidbg.AndroidEmulator;
import com.github.unidbg.Module;
import com.github.unidbg.pointer.UnidbgPointer;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import unicorn.Arm64Const;

/** libmoue_ffi in an emulated process, through UniFFI's C interface. */
class Library {
    /** Sizes of RustCallStatus and RustBuffer: three words, and a code before them. */
    private static final int STATUS = 32, BUFFER = 24;

    /** An error as the library reports it: its case is a number from 1, in the order of MoueError. */
    static class Failure extends Exception {
        final int number;

        Failure(int number, String message) {
            super(message);
            this.number = number;
        }
    }

    private final AndroidEmulator emulator;
    private final Module module;
    private final UnidbgPointer status;
    private final UnidbgPointer result;

    Library(AndroidEmulator emulator, File file) {
        this.emulator = emulator;
        module = emulator.loadLibrary(file, true);
        status = emulator.getMemory().malloc(STATUS, true).getPointer();
        result = emulator.getMemory().malloc(BUFFER, true).getPointer();
    }

    /** Calls a function; its status is appended to the arguments. */
    long call(String name, Object... arguments) throws Failure {
        status.write(0, new byte[STATUS], 0, STATUS);
        // Structs of more than two words come back where x8 points.
        emulator.getBackend().reg_write(Arm64Const.UC_ARM64_REG_X8, result.peer);
        Object[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = status.peer;
        long value = module.callFunction(emulator, "uniffi_moue_ffi_fn_" + name, all).longValue();
        int code = status.getByte(0);
        if (code != 0) {
            ByteBuffer error = ByteBuffer.wrap(status.getPointer(24).getByteArray(0, (int) status.getLong(16)));
            if (code == 1) throw new Failure(error.getInt(), text(error));
            throw new IllegalStateException(name + " panicked: " + StandardCharsets.UTF_8.decode(error));
        }
        return value;
    }

    /** The buffer that the last call returned. */
    ByteBuffer result() {
        return ByteBuffer.wrap(result.getPointer(16).getByteArray(0, (int) result.getLong(8)));
    }

    /** Bytes that a call borrows: their length and address, two arguments. */
    Object[] borrowed(byte[] bytes) {
        UnidbgPointer memory = emulator.getMemory().malloc(Math.max(bytes.length, 1), true).getPointer();
        memory.write(0, bytes, 0, bytes.length);
        return new Object[] {(long) bytes.length, memory.peer};
    }

    /** A RustBuffer with these bytes, passed by reference as structs of more than two words are. */
    long buffer(byte[] bytes) throws Failure {
        UnidbgPointer memory = emulator.getMemory().malloc(BUFFER, true).getPointer();
        status.write(0, new byte[STATUS], 0, STATUS);
        emulator.getBackend().reg_write(Arm64Const.UC_ARM64_REG_X8, memory.peer);
        module.callFunction(emulator, "ffi_moue_ffi_rustbuffer_alloc", (long) bytes.length, status.peer);
        memory.getPointer(16).write(0, bytes, 0, bytes.length);
        memory.setLong(8, bytes.length);
        return memory.peer;
    }

    static String text(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.getInt()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
