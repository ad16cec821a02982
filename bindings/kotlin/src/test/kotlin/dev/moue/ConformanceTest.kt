package dev.moue

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class ConformanceTest {
    /** Distances of another processor differ in the last digits. */
    private val tolerance = if (Conformance.isExact) 0f else 1e-2f

    @Test fun picturesGiveTheFacesDistancesAndErrorsOfTheFile() {
        val finder = Finder(Gallery.builtin())
        var faces = 0
        var errors = 0
        for (case in Conformance.cases) {
            val file = case["file"].asString
            val expectedError = case["error"]?.asString
            val found = try {
                Conformance.frame(case).use { finder.find(it, Conformance.options(case)) }
            } catch (error: MoueException) {
                assertEquals(file, expectedError, Conformance.kind(error))
                errors++
                continue
            }
            assertEquals("$file has an error", expectedError, null)
            val expected = case["faces"].asJsonArray.map { it.asJsonObject }
            assertEquals("$file: number of faces", expected.size, found.size)
            for ((face, answer) in expected.zip(found)) {
                val sides = face["box"].asJsonArray.map { it.asString.toFloat() }
                val bounds = answer.face.bounds
                listOf(bounds.x, bounds.y, bounds.width, bounds.height).zip(sides).forEach { (got, side) -> assertEquals(file, side, got, tolerance) }
                val matches = face["matches"].asJsonArray.map { it.asJsonObject }
                assertEquals(file, matches.size, answer.matches.size)
                if (Conformance.isExact) assertEquals(file, matches.map { it["path"].asString }, answer.matches.map { it.path })
                val compared = if (Conformance.isExact || case["nearest"].asBoolean) matches.size else 1
                for ((match, got) in matches.zip(answer.matches).take(compared)) {
                    assertEquals("$file ${got.path}", match["distance"].asString.toFloat(), got.distance, tolerance)
                }
                faces++
            }
        }
        println("conformance: ${Conformance.cases.size} cases, $faces faces, $errors errors, tolerance $tolerance")
        assertTrue(faces >= 10 && errors >= 6)
    }
}
