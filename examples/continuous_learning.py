"""A model that learns from what you tell it, in the background of your own program.

python examples/continuous_learning.py
"""

from l2c import ContinuousTrainer

TOLD = [
    ("What is my boat made of?", "Your boat is made of larch and oak."),
    ("Where does my sister live?", "Your sister lives in Graz."),
]

with ContinuousTrainer() as trainer:
    for user, answer in TOLD:
        trainer.add_conversation(user, answer)
    print("Both are stored; they are learned while this program goes on.")
    trainer.wait_until_idle()
    for lesson in reversed(trainer.stats()["lessons"]):
        print(f"Lesson {lesson['number']}: {lesson['verdict']}")
