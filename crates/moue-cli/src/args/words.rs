//! How the words in pictures are read, on the command line.

use clap::Args as ClapArgs;

/// How the words in pictures are read.
#[derive(Debug, ClapArgs)]
pub(crate) struct WordArgs {
    /// Read the words in pictures, for --text of `find` and `list`, also those of pictures that are in
    /// the gallery already. Needs the program tesseract.
    #[arg(long)]
    read_text: bool,
    /// Languages of the words, as tesseract names them: eng+deu for two.
    #[arg(
        long = "lang",
        value_name = "LANG",
        default_value = "eng",
        requires = "read_text"
    )]
    languages: String,
}

impl WordArgs {
    /// The languages, if words are to be read.
    pub(crate) fn languages(&self) -> Option<&String> {
        self.read_text.then_some(&self.languages)
    }
}
