package dev.moue.phone;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the conformance file's picture files on the arm64 library: arguments SO FOLDER [dot]. */
public class Conformance {
    /** No difference was measured; this leaves room for the last digit: see tests/conformance/README.md. */
    private static final float TOLERANCE = 1e-5f;

    /** The cases of MoueError, in their order. */
    private static final List<String> KINDS =
            List.of("decode", "options", "network", "gallery", "other-weights", "newer-format", "cancelled");

    private final Library library;
    private final long finder;
    private float worst;

    private Conformance(Library library) throws Library.Failure {
        this.library = library;
        long gallery = library.call("constructor_gallery_builtin");
        finder = library.call("constructor_finder_new", gallery);
    }

    public static void main(String[] arguments) throws Exception {
        boolean hasDot = arguments.length > 2;
        Path folder = Path.of(arguments[1]);
        try (Phone phone = new Phone("dev.moue", hasDot)) {
            long start = System.nanoTime();
            Conformance run = new Conformance(new Library(phone, new File(arguments[0])));
            System.out.printf("loaded, finder ready: %d ms%n", (System.nanoTime() - start) / 1000000);
            String text = Files.readString(folder.resolve("conformance.json"));
            int count = 0;
            for (JsonElement element : JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("cases")) {
                JsonObject item = element.getAsJsonObject();
                // Camera frames are converted by code without anything of a processor's own.
                if (item.has("layout")) continue;
                run.check(item, Files.readAllBytes(folder.resolve(item.get("file").getAsString())));
                count++;
            }
            System.out.printf(
                    "%d cases conform, %s; greatest difference %.2e%n",
                    count, hasDot ? "with the dot product" : "NEON alone", run.worst);
        }
        // Threads of the emulated process would keep this one alive.
        System.exit(0);
    }

    private void check(JsonObject item, byte[] file) throws Exception {
        String name = item.get("file").getAsString();
        List<float[]> got;
        try {
            got = find(file, item.get("effort").getAsString().equals("live"), item.get("nearest").getAsBoolean());
        } catch (Library.Failure failure) {
            String kind = KINDS.get(failure.number - 1);
            require(item.has("error") && item.get("error").getAsString().equals(kind), name + ": " + kind);
            System.out.println(name + ": " + kind);
            return;
        }
        require(!item.has("error"), name + " has no error");
        JsonArray faces = item.getAsJsonArray("faces");
        require(faces.size() == got.size(), name + ": " + got.size() + " faces");
        for (int i = 0; i < got.size(); i++) {
            JsonArray matches = faces.get(i).getAsJsonObject().getAsJsonArray("matches");
            require(matches.size() == got.get(i).length, name + ": number of matches");
            // Which others make an answer varied hangs on the last digits.
            int compared = item.get("nearest").getAsBoolean() ? matches.size() : Math.min(1, matches.size());
            for (int m = 0; m < compared; m++) {
                float expected = matches.get(m).getAsJsonObject().get("distance").getAsFloat();
                float off = Math.abs(expected - got.get(i)[m]);
                worst = Math.max(worst, off);
                require(off < TOLERANCE, name + ": " + got.get(i)[m] + " for " + expected);
            }
        }
        System.out.println(name + ": " + got.size() + " faces");
    }

    private static void require(boolean holds, String message) {
        if (!holds) throw new IllegalStateException(message);
    }

    /** The distances of each face's matches. */
    private List<float[]> find(byte[] file, boolean live, boolean nearest) throws Library.Failure {
        long frame = library.call("constructor_frame_decode", library.borrowed(file));
        long options = library.buffer(options(live, nearest));
        library.call("method_finder_find", library.call("clone_finder", finder), frame, options);
        ByteBuffer answer = library.result();
        List<float[]> faces = new ArrayList<>();
        for (int count = answer.getInt(); count > 0; count--) faces.add(face(answer));
        return faces;
    }

    /** FindOptions as UniFFI writes records: field by field, big-endian, enums from 1. */
    private static byte[] options(boolean live, boolean nearest) {
        ByteBuffer out = ByteBuffer.allocate(64);
        // Effort, faces (all), limit (none), nearest, greatest distance (none), tags, text (none), emotions,
        // cancellation (none).
        out.put((byte) 1).putInt(live ? 1 : 2).put((byte) 1).putInt(2).put((byte) 0).put((byte) (nearest ? 1 : 0)).put((byte) 0);
        out.putInt(0).put((byte) 0).putInt(0).put((byte) 0);
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static float[] face(ByteBuffer in) {
        // Bounds and score, key points, expression.
        skip(in, 5 * 4);
        skip(in, in.getInt() * 2 * 4);
        skip(in, in.getInt() * 4);
        if (in.get() == 1) skip(in, 8 * 4);
        optionalText(in);
        float[] distances = new float[in.getInt()];
        for (int i = 0; i < distances.length; i++) distances[i] = match(in);
        return distances;
    }

    private static float match(ByteBuffer in) {
        skip(in, 8);
        Library.text(in);
        Library.text(in);
        optionalText(in);
        optionalText(in);
        for (int tags = in.getInt(); tags > 0; tags--) Library.text(in);
        float distance = in.getFloat();
        // Similarity, score and bounds, then a time.
        skip(in, 6 * 4);
        if (in.get() == 1) skip(in, 8);
        return distance;
    }

    private static void optionalText(ByteBuffer in) {
        if (in.get() == 1) Library.text(in);
    }

    private static void skip(ByteBuffer in, int bytes) {
        in.position(in.position() + bytes);
    }
}
