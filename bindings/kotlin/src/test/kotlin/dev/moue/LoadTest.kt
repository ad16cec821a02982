package dev.moue

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.lang.management.ManagementFactory
import kotlin.concurrent.thread

class LoadTest {
    private val case = Conformance.cases.first { it["file"].asString.endsWith("camera.nv12") }

    /** Bytes of this process in memory. */
    private fun resident(): Long = File("/proc/self/statm").readText().split(" ")[1].toLong() * 4096

    private val bytes = Conformance.bytes(case)

    /** Nanoseconds of CPU time a frame: the best of blocks of 100, which other programs disturb least. */
    private fun run(finder: Finder, frames: Int): Long {
        val threads = ManagementFactory.getThreadMXBean()
        return List(frames / 100) {
            val start = threads.currentThreadCpuTime
            repeat(100) {
                val found = Conformance.frame(case, bytes).use { finder.find(it, Conformance.options(case)) }
                assertEquals(1, found.size)
            }
            (threads.currentThreadCpuTime - start) / 100
        }.min()
    }

    /** Run alone, it is the first of its process; what the JVM itself costs is before it. */
    @Test fun theFirstMatch() {
        val threads = ManagementFactory.getThreadMXBean()
        val start = threads.currentThreadCpuTime
        val found = Conformance.frame(case, bytes).use { Finder(Gallery.builtin()).find(it, Conformance.options(case)) }
        assertEquals(3, found.single().matches.size)
        println("first match: ${"%.1f".format((threads.currentThreadCpuTime - start) / 1e6)} ms of CPU time")
    }

    /**
     * Of 1,000 frames of 192 × 144 that were leaked, each 83 kB, 83 MB would remain; of answers
     * that were leaked, a few hundred bytes each, less than the heap moves by.
     */
    @Test fun aThousandFramesLeaveNothing() {
        val finder = Finder(Gallery.builtin())
        run(finder, 300)
        System.gc()
        // The JVM's own heap grows and shrinks meanwhile; what leaks grows in every round.
        val growths = generateSequence {
            val before = resident()
            val nanoseconds = run(finder, 1000)
            System.gc()
            val grown = resident() - before
            println("1,000 frames: ${"%.3f".format(nanoseconds / 1e6)} ms of CPU time each, ${grown / 1024} KiB grown")
            grown
        }
        assertTrue("83 MB grown in each of four rounds", growths.take(4).any { it < 20 shl 20 })
    }

    @Test fun fourThreadsGetTheAnswersOfOne() {
        val finder = Finder(Gallery.builtin())
        val cases = Conformance.cases.filter { it["error"] == null }.take(4)
        val alone = cases.map { case -> Conformance.frame(case).use { finder.find(it, Conformance.options(case)) } }
        val answers = List(4) { arrayOfNulls<List<Found>>(5) }
        val threads = cases.mapIndexed { index, case ->
            thread {
                repeat(5) { round ->
                    answers[index][round] = Conformance.frame(case).use { finder.find(it, Conformance.options(case)) }
                }
            }
        }
        threads.forEach { it.join() }
        for ((expected, got) in alone.zip(answers)) assertEquals(List(5) { expected }, got.toList())
    }
}
