package dev.moue.app

import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File

/** Every language says everything, with the same places for what is filled in. */
class WordsTest {
    /** Names of a file's texts, each with its placeholders; of plurals those of each form. */
    private fun texts(folder: File): Map<String, Set<String>> {
        val xml = File(folder, "strings.xml").readText()
        val text = Regex("""<(string|plurals) name="(\w+)">(.*?)</\1>""", RegexOption.DOT_MATCHES_ALL)
        val placeholder = Regex("""%\d\$[sd]""")
        return text.findAll(xml).associate { found ->
            found.groupValues[2] to placeholder.findAll(found.groupValues[3]).map { it.value }.toSet()
        }
    }

    @Test fun everyLanguageSaysEverything() {
        val english = texts(File("src/main/res/values"))
        assertEquals(setOf("%1\$s", "%2\$d"), english["match_name"])
        for (language in listOf("de", "es", "fr")) {
            assertEquals(language, english, texts(File("src/main/res/values-$language")))
        }
    }
}
